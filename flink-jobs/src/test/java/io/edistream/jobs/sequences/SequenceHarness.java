package io.edistream.jobs.sequences;

import io.edistream.jobs.Batches;
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
import io.edistream.signals.SignalOptions;
import io.edistream.signals.monitor.Policy;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;

/** The operator on its own: batches in, records out, time by hand. */
final class SequenceHarness implements AutoCloseable {

    static final String TOPIC = "edistream.token-entropy.v1";
    static final Policy POLICY = new Policy(SignalOptions.DEFAULT, List.of());

    private final KeyedOneInputStreamOperatorTestHarness<SequenceKey, SequenceEvent, Score> harness;
    private int offset;

    private SequenceHarness(SequenceSettings settings) throws Exception {
        harness = new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new SequenceOperator(settings, TOPIC)),
                SequenceEvent::key,
                SequenceKey.TYPE);
        harness.setup(SequenceOperator.SCORES.createSerializer(
                harness.getExecutionConfig().getSerializerConfig()));
    }

    static SequenceHarness open(SequenceSettings settings) throws Exception {
        SequenceHarness opened = new SequenceHarness(settings);
        opened.harness.open();
        return opened;
    }

    static SequenceHarness open() throws Exception {
        return open(SequenceSettings.of(POLICY));
    }

    static SequenceHarness restore(SequenceSettings settings, OperatorSubtaskState state, long nowMillis)
            throws Exception {
        SequenceHarness restored = new SequenceHarness(settings);
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
            feed(event);
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

    KeyedOneInputStreamOperatorTestHarness<SequenceKey, SequenceEvent, Score> flink() {
        return harness;
    }

    OperatorSubtaskState snapshot() throws Exception {
        return harness.snapshot(1, 1);
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

    /** The bytes that a record has in Kafka. */
    @SuppressWarnings("unchecked")
    static <T extends SpecificRecordBase> byte[] bytes(T record) {
        return RecordCodec.of((Class<T>) record.getClass()).encode(record);
    }

    @Override
    public void close() {
        try {
            harness.close();
        } catch (Exception e) {
            throw new IllegalStateException("the harness could not be closed", e);
        }
    }
}
