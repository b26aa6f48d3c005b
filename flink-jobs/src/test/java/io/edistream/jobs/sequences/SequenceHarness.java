package io.edistream.jobs.sequences;

import io.edistream.jobs.Batches;
import io.edistream.jobs.RuntimeOptions;
import io.edistream.jobs.events.BatchReader;
import io.edistream.jobs.events.SequenceEvent;
import io.edistream.jobs.events.SequenceEvent.Origin;
import io.edistream.jobs.events.SequenceKey;
import io.edistream.schemas.Command;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.Spike;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.signals.Scoring;
import io.edistream.signals.monitor.Policy;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.operators.testutils.MockEnvironmentBuilder;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;

/** The operator on its own: batches in, records out, time by hand. */
final class SequenceHarness implements AutoCloseable {

    static final String TOPIC = "edistream.token-entropy.v1";
    static final Policy POLICY = new Policy(Scoring.DEFAULT, List.of());

    private static final long STEP_MILLIS = 1_000;

    private final MockEnvironment environment;
    private final Subtask subtask;
    private final ReadMetrics metrics = new ReadMetrics();
    private final KeyedOneInputStreamOperatorTestHarness<SequenceKey, SequenceEvent, Score> harness;
    private int offset;

    private SequenceHarness(SequenceSettings settings, Subtask subtask) throws Exception {
        this.subtask = subtask;
        environment = new MockEnvironmentBuilder()
                .setMaxParallelism(Subtask.KEY_GROUPS)
                .setParallelism(subtask.parallelism())
                .setSubtaskIndex(subtask.index())
                .setMetricGroup(metrics.taskGroup())
                .build();
        harness = new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new SequenceOperator(settings, TOPIC)),
                SequenceEvent::key,
                SequenceKey.TYPE,
                environment);
        harness.setup(SequenceOperator.SCORES.createSerializer(
                harness.getExecutionConfig().getSerializerConfig()));
    }

    static SequenceHarness open(SequenceSettings settings) throws Exception {
        return open(settings, Subtask.ONLY);
    }

    static SequenceHarness open(SequenceSettings settings, Subtask subtask) throws Exception {
        SequenceHarness opened = new SequenceHarness(settings, subtask);
        opened.harness.open();
        return opened;
    }

    static SequenceHarness open() throws Exception {
        return open(SequenceSettings.of(POLICY));
    }

    static SequenceHarness restore(SequenceSettings settings, OperatorSubtaskState state, long nowMillis)
            throws Exception {
        return restore(settings, state, nowMillis, Subtask.ONLY);
    }

    static SequenceHarness restore(
            SequenceSettings settings, OperatorSubtaskState state, long nowMillis, Subtask subtask) throws Exception {
        SequenceHarness restored = new SequenceHarness(settings, subtask);
        restored.harness.setProcessingTime(nowMillis);
        restored.harness.initializeState(state);
        restored.harness.open();
        return restored;
    }

    SequenceHarness feed(Batches batch) throws Exception {
        return feed(batch.build());
    }

    SequenceHarness feed(TokenEntropyBatch batch) throws Exception {
        List<SequenceEvent> events = new ArrayList<>();
        BatchReader.read(batch, new Origin(3, offset++), events::add);
        for (SequenceEvent event : events) {
            if (subtask.owns(event.key())) {
                feed(event);
            }
        }
        return this;
    }

    SequenceHarness feed(SequenceEvent event) throws Exception {
        harness.processElement(new StreamRecord<>(event));
        return this;
    }

    SequenceHarness at(long millis) throws Exception {
        harness.setProcessingTime(millis);
        return this;
    }

    /** Time passes as it does for a task that runs: every timer goes off about when it is due. */
    SequenceHarness pass(long toMillis) throws Exception {
        while (harness.getProcessingTime() < toMillis) {
            at(Math.min(toMillis, harness.getProcessingTime() + STEP_MILLIS));
        }
        return this;
    }

    KeyedOneInputStreamOperatorTestHarness<SequenceKey, SequenceEvent, Score> flink() {
        return harness;
    }

    OperatorSubtaskState snapshot() throws Exception {
        return harness.snapshot(1, 1);
    }

    /** The value of a metric, 0 if nobody registered it; labels are written as in {@code rejected_total reason=bad_value}. */
    long metric(String name) {
        return metrics.value(name);
    }

    List<Score> scores() {
        return harness.extractOutputValues();
    }

    List<Score> scores(long counter) {
        return scores().stream()
                .filter(score -> Ids.counter(score.getSequence()) == counter)
                .toList();
    }

    List<Score> finals(long counter) {
        return scores(counter).stream().filter(Score::getFinal$).toList();
    }

    List<Spike> spikes() {
        return side(SequenceOperator.SPIKES);
    }

    List<Command> commands() {
        return side(SequenceOperator.COMMANDS);
    }

    List<Rejected> rejected() {
        return side(SequenceOperator.REJECTED);
    }

    int statesLeft() {
        return harness.numKeyedStateEntries();
    }

    int timersLeft() {
        return harness.numProcessingTimeTimers();
    }

    private <T> List<T> side(OutputTag<T> tag) {
        var output = harness.getSideOutput(tag);
        return output == null
                ? List.of()
                : output.stream().map(StreamRecord::getValue).toList();
    }

    /**
     * One of the tasks of an operator.
     *
     * @param index which, from 0
     */
    record Subtask(int parallelism, int index) {

        static final int KEY_GROUPS = RuntimeOptions.MAX_PARALLELISM;
        static final Subtask ONLY = new Subtask(1, 0);

        boolean owns(SequenceKey key) {
            return KeyGroupRangeAssignment.assignKeyToParallelOperator(key, KEY_GROUPS, parallelism) == index;
        }
    }

    /** The bytes that a record has in Kafka. */
    @SuppressWarnings("unchecked")
    static <T extends SpecificRecordBase> byte[] bytes(T record) {
        return RecordCodec.of((Class<T>) record.getClass()).encode(record);
    }

    @Override
    public void close() {
        try {
            harness.close();
            environment.close();
        } catch (Exception e) {
            throw new IllegalStateException("the harness could not be closed", e);
        }
    }
}
