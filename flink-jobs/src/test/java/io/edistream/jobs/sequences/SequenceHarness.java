package io.edistream.jobs.sequences;

import io.edistream.jobs.Batches;
import io.edistream.jobs.RuntimeOptions;
import io.edistream.jobs.source.SourceRecord;
import io.edistream.jobs.source.SourceRecord.Undecoded;
import io.edistream.jobs.watch.Origin;
import io.edistream.jobs.watch.SequenceState;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.schemas.Command;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.Spike;
import io.edistream.schemas.TokenEntropyBatch;
import java.util.List;
import java.util.Set;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.operators.testutils.MockEnvironmentBuilder;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;

/** The operator on its own: records in, records out, time by hand. */
final class SequenceHarness implements AutoCloseable {

    static final String TOPIC = "edistream.token-entropy.v1";
    static final JobIdentity JOB = new JobIdentity("test", "0");

    private static final long STEP_MILLIS = 1_000;

    private final MockEnvironment environment;
    private final Subtask subtask;
    private final ReadMetrics metrics = new ReadMetrics();
    private final KeyedOneInputStreamOperatorTestHarness<Long, SourceRecord, Score> harness;
    private int offset;

    private SequenceHarness(Backend backend, WatchSettings settings, Subtask subtask) throws Exception {
        this.subtask = subtask;
        environment = new MockEnvironmentBuilder()
                .setMaxParallelism(Subtask.KEY_GROUPS)
                .setParallelism(subtask.parallelism())
                .setSubtaskIndex(subtask.index())
                .setMetricGroup(metrics.taskGroup())
                .build();
        harness = new KeyedOneInputStreamOperatorTestHarness<>(
                new SequenceOperator(settings, JOB, TOPIC), SourceRecord::key, Types.LONG, environment);
        harness.setStateBackend(backend.create());
        harness.setup(SequenceOperator.SCORES.createSerializer(
                harness.getExecutionConfig().getSerializerConfig()));
    }

    static SequenceHarness open(Backend backend, WatchSettings settings) throws Exception {
        return open(backend, settings, Subtask.ONLY);
    }

    static SequenceHarness open(Backend backend, WatchSettings settings, Subtask subtask) throws Exception {
        SequenceHarness opened = new SequenceHarness(backend, settings, subtask);
        opened.harness.open();
        return opened;
    }

    static SequenceHarness restore(Backend backend, WatchSettings settings, OperatorSubtaskState state, long nowMillis)
            throws Exception {
        return restore(backend, settings, state, nowMillis, Subtask.ONLY);
    }

    static SequenceHarness restore(
            Backend backend, WatchSettings settings, OperatorSubtaskState state, long nowMillis, Subtask subtask)
            throws Exception {
        SequenceHarness restored = new SequenceHarness(backend, settings, subtask);
        restored.harness.setProcessingTime(nowMillis);
        restored.harness.initializeState(state);
        restored.harness.open();
        return restored;
    }

    /** Feeds a record if its source is this task's. */
    SequenceHarness feed(Batches batch) throws Exception {
        return feed(batch.build());
    }

    SequenceHarness feed(TokenEntropyBatch batch) throws Exception {
        return feed(new Undecoded(Ids.generator(batch.getGenerator()), new Origin(3, offset++), bytes(batch)));
    }

    SequenceHarness feed(SourceRecord record) throws Exception {
        if (subtask.owns(record.key())) {
            harness.processElement(new StreamRecord<>(record));
        }
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

    SequenceHarness watermark(long millis) throws Exception {
        harness.processWatermark(new Watermark(millis));
        return this;
    }

    SequenceHarness nothingToRead() throws Exception {
        harness.processWatermarkStatus(WatermarkStatus.IDLE);
        return this;
    }

    KeyedOneInputStreamOperatorTestHarness<Long, SourceRecord, Score> flink() {
        return harness;
    }

    OperatorSubtaskState snapshot() throws Exception {
        return harness.snapshot(1, 1);
    }

    /** The value of a metric; labels are written as in {@code rejected_total reason=bad_value}. */
    long metric(String name) {
        return metrics.value(name);
    }

    Set<String> metricNames() {
        return metrics.names();
    }

    /** The state of a sequence that runs. */
    SequenceState sequence(long generator, long counter) throws Exception {
        KeyedStateBackend<Long> states = ((SequenceOperator) harness.getOperator()).getKeyedStateBackend();
        states.setCurrentKey(generator);
        return states.getPartitionedState(
                        counter,
                        LongSerializer.INSTANCE,
                        new ValueStateDescriptor<>(KeyedStore.SEQUENCES, SequenceStateSerializer.INSTANCE))
                .value();
    }

    List<Score> scores() {
        return harness.extractOutputValues();
    }

    List<Score> scores(long counter) {
        return scores().stream()
                .filter(score -> Ids.counter(score.getSequence()) == counter)
                .toList();
    }

    List<Score> finals() {
        return scores().stream().filter(Score::getFinal$).toList();
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

    List<Heartbeat> heartbeats() {
        return side(SequenceOperator.HEARTBEATS);
    }

    List<Rejected> rejected() {
        return side(SequenceOperator.REJECTED);
    }

    /** Sources and sequences of which something is stored. */
    int statesLeft() {
        return keys(KeyedStore.GENERATORS) + keys(KeyedStore.SEQUENCES);
    }

    private int keys(String state) {
        try (var keys = ((SequenceOperator) harness.getOperator())
                .<Long>getKeyedStateBackend()
                .getKeysAndNamespaces(state)) {
            return (int) keys.count();
        }
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

        boolean owns(long key) {
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
