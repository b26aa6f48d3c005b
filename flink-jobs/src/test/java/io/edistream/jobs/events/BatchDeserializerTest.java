package io.edistream.jobs.events;

import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.newStart;
import static io.edistream.jobs.Batches.random;
import static io.edistream.jobs.Batches.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.jobs.Batches;
import io.edistream.jobs.events.SequenceEvent.Finish;
import io.edistream.jobs.events.SequenceEvent.Origin;
import io.edistream.jobs.events.SequenceEvent.Start;
import io.edistream.jobs.events.SequenceEvent.Unusable;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.Spike;
import io.edistream.schemas.SpikeKind;
import io.edistream.schemas.TokenEntropyBatch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.util.Collector;
import org.apache.flink.util.UserCodeClassLoader;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchDeserializerTest {

    private static final RecordCodec<TokenEntropyBatch> CODEC = RecordCodec.of(TokenEntropyBatch.class);
    private static final Origin ORIGIN = new Origin(4, 77);

    @Test
    void readsStartsThenRunsThenFinishes() {
        SequenceStart child = newStart(2);
        child.setParent(1L);
        child.setForkToken(7);
        TokenEntropyBatch batch = batch(3).finish(1, 9, FinishReason.ABORTED, false)
                .run(1, 5, token(1, -0.5, 4, 2), token(2))
                .start(1)
                .start(child)
                .build();

        List<SequenceEvent> events = read(CODEC.encode(batch));

        assertThat(events).hasSize(4);
        assertThat(events.get(0))
                .isEqualTo(new Start(
                        key(1), ORIGIN, 0, "reasoner-s", "default", 1, Batches.VOCABULARY, 0, Batches.CLASSES));
        assertThat(events.get(1))
                .isEqualTo(new Start(
                        key(2), ORIGIN, 0, "reasoner-s", "default", 1, Batches.VOCABULARY, 8, Batches.CLASSES));
        assertThat(events.get(2))
                .isEqualTo(new Run.Builder(key(1), ORIGIN, 1_000_300, 5, 2)
                        .add(1, -0.5f, 4, 2)
                        .add(2, -0.5f, 4, 0)
                        .build());
        assertThat(events.get(3)).isEqualTo(new Finish(key(1), ORIGIN, 9, FinishReason.ABORTED, Optional.of(false)));
    }

    @Test
    void eventsKeepEverythingOnTheWayThroughFlink() throws IOException {
        TokenEntropyBatch batch = batch(1).start(1)
                .start(5)
                .run(1, 0, random(1, 40))
                .run(1, -5, token(1))
                .finish(1, -3)
                .finish(-1, 40, FinishReason.LENGTH, true)
                .build();
        List<SequenceEvent> events = new ArrayList<>(read(CODEC.encode(batch)));
        events.addAll(read(new byte[1000]));

        assertThat(throughFlink(events)).isEqualTo(events);
    }

    @Test
    void aRunOfOneTokenTakesFewBytesBetweenTasks() throws IOException {
        List<SequenceEvent> events =
                read(CODEC.encode(batch(1).run(1_000, 500, token(1)).build()));
        DataOutputSerializer out = new DataOutputSerializer(64);
        serializer().serialize(events.get(0), out);

        assertThat(out.length()).isLessThanOrEqualTo(40);
    }

    @Test
    void aRecordWithoutValueIsUnreadable() {
        assertUnreadable(null, RejectReason.UNREADABLE, 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 9, 200, 256, 257, 100_000})
    void noiseIsUnreadableAndItsBeginningKept(int length) {
        byte[] noise = new byte[length];
        Arrays.fill(noise, (byte) 0x5A);
        assertUnreadable(noise, RejectReason.UNREADABLE, Math.min(length, Payload.MAX_BYTES));
    }

    @Test
    void everyTruncationOfARecordIsUnreadable() {
        byte[] whole = CODEC.encode(batch(1).start(1).run(1, 0, random(1, 3)).build());
        for (int length = 10; length < whole.length; length++) {
            assertUnreadable(
                    Arrays.copyOf(whole, length), RejectReason.UNREADABLE, Math.min(length, Payload.MAX_BYTES));
        }
    }

    @Test
    void aRecordOfAnotherKindHasAnUnknownSchema() {
        Spike spike = new Spike();
        spike.setSequence(Ids.sequenceId(1, 2));
        spike.setModel("m");
        spike.setRoute("r");
        spike.setKind(SpikeKind.BURST);
        byte[] bytes = RecordCodec.of(Spike.class).encode(spike);

        assertUnreadable(bytes, RejectReason.UNKNOWN_SCHEMA, bytes.length);
    }

    @Test
    void recordsThatNeverCameAreCounted() {
        Map<String, Counter> counters = new HashMap<>();
        BatchDeserializer deserializer = opened(new CountersOf("", counters));
        for (long number : new long[] {7, 8, 11}) {
            deserializer.deserialize(
                    new ConsumerRecord<>(
                            "topic",
                            0,
                            number,
                            new byte[0],
                            CODEC.encode(batch(number).build())),
                    new Collected());
        }

        assertThat(counters).containsOnlyKeys("/edistream/missing_records_total");
        assertThat(counters.get("/edistream/missing_records_total").getCount()).isEqualTo(2);
    }

    private static void assertUnreadable(byte @Nullable [] value, RejectReason reason, int payloadBytes) {
        List<SequenceEvent> events = read(value);
        assertThat(events).hasSize(1);
        Unusable unusable = (Unusable) events.get(0);
        assertThat(unusable.reason()).isEqualTo(reason);
        assertThat(unusable.origin()).isEqualTo(ORIGIN);
        assertThat(unusable.ofSequence()).isFalse();
        assertThat(unusable.payload().orElseThrow().bytes().remaining()).isEqualTo(payloadBytes);
        assertThat(unusable.detail()).isNotBlank();
    }

    private static List<SequenceEvent> read(byte @Nullable [] value) {
        BatchDeserializer deserializer = opened(new UnregisteredMetricsGroup());
        Collected collected = new Collected();
        deserializer.deserialize(
                new ConsumerRecord<>("topic", ORIGIN.partition(), ORIGIN.offset(), new byte[0], value), collected);
        return collected.events;
    }

    private static BatchDeserializer opened(MetricGroup metrics) {
        BatchDeserializer deserializer = new BatchDeserializer();
        deserializer.open(new DeserializationSchema.InitializationContext() {
            @Override
            public MetricGroup getMetricGroup() {
                return metrics;
            }

            @Override
            public UserCodeClassLoader getUserCodeClassLoader() {
                throw new UnsupportedOperationException();
            }
        });
        return deserializer;
    }

    private static SequenceKey key(long counter) {
        return new SequenceKey(Batches.GENERATOR, counter);
    }

    private static TypeSerializer<SequenceEvent> serializer() {
        return SequenceEvent.TYPE.createSerializer(new SerializerConfigImpl());
    }

    private static List<SequenceEvent> throughFlink(List<SequenceEvent> events) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(64);
        for (SequenceEvent event : events) {
            serializer().serialize(event, out);
        }
        DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());
        List<SequenceEvent> read = new ArrayList<>();
        while (in.available() > 0) {
            read.add(serializer().deserialize(in));
        }
        return read;
    }

    private static final class CountersOf extends UnregisteredMetricsGroup {
        private final String path;
        private final Map<String, Counter> counters;

        CountersOf(String path, Map<String, Counter> counters) {
            this.path = path;
            this.counters = counters;
        }

        @Override
        public MetricGroup addGroup(String name) {
            return new CountersOf(path + "/" + name, counters);
        }

        @Override
        public Counter counter(String name) {
            return counters.computeIfAbsent(path + "/" + name, first -> new SimpleCounter());
        }
    }

    private static final class Collected implements Collector<SequenceEvent> {
        private final List<SequenceEvent> events = new ArrayList<>();

        @Override
        public void collect(SequenceEvent event) {
            events.add(event);
        }

        @Override
        public void close() {}
    }
}
