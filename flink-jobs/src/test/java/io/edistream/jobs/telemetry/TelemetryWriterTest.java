package io.edistream.jobs.telemetry;

import static io.edistream.jobs.telemetry.Scores.last;
import static io.edistream.jobs.telemetry.Scores.running;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.Score;
import io.edistream.schemas.ScoringId;
import io.edistream.schemas.SequenceId;
import io.edistream.schemas.Topics;
import io.edistream.schemas.UnreadableRecordException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A writer with brokers that misbehave. Each is a thread that waits for a second after a failure, so tests take some. */
@Timeout(60)
class TelemetryWriterTest {

    private static final Topics TOPICS = new Topics("t.");
    private static final SinkWriter.@Nullable Context NO_CONTEXT = null;
    /** Far above what putting a record into a queue takes, far below every wait of a client. */
    private static final Duration AT_ONCE = Duration.ofSeconds(2);

    private final FakeProducer kafka = new FakeProducer();
    private final AtomicInteger opened = new AtomicInteger();
    private final Counters counters = new Counters();
    private final List<TelemetryWriter<?>> writers = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        kafka.testEnded.countDown();
        writers.forEach(TelemetryWriter::close);
    }

    private TelemetryWriter<Score> scores(OutboxLimits limits, Collection<KeptRecord> restored) {
        TelemetryTopic<Score> topic = TelemetryTopic.scores(TOPICS);
        return writer(
                new TelemetryTopic<>(
                        topic.name(), topic.type(), topic.kinds(), topic.kind(), topic.key(), false, limits),
                restored);
    }

    private TelemetryWriter<Score> scores() {
        return scores(OutboxLimits.SCORES, List.of());
    }

    private <T extends SpecificRecordBase> TelemetryWriter<T> writer(
            TelemetryTopic<T> topic, Collection<KeptRecord> restored) {
        TelemetryWriter<T> writer = new TelemetryWriter<>(
                topic,
                () -> {
                    opened.incrementAndGet();
                    return kafka.self();
                },
                restored,
                counters,
                getClass().getClassLoader(),
                Clock.systemUTC());
        writers.add(writer);
        return writer;
    }

    private long dropped(String kind) {
        return counters.dropped(TOPICS.scores(), kind);
    }

    private static RuntimeException missing() {
        return new TimeoutException("not present in metadata", new UnknownTopicOrPartitionException());
    }

    private static SequenceId sequence(byte[] value) {
        try {
            return RecordCodec.of(Score.class).decode(value).getSequence();
        } catch (UnreadableRecordException e) {
            throw new AssertionError(e);
        }
    }

    private List<Long> taken() {
        return kafka.taken.stream()
                .map(record -> Ids.counter(sequence(record.value())))
                .toList();
    }

    private static List<Long> kept(TelemetryWriter<Score> writer) {
        return writer.snapshotState(1).stream()
                .map(record -> Ids.counter(sequence(record.value())))
                .toList();
    }

    @Test
    void recordsGetThroughInOrderWithTheirKeys() throws Exception {
        TelemetryWriter<Score> writer = scores();
        writer.write(running(1), NO_CONTEXT);
        writer.write(last(1), NO_CONTEXT);
        writer.write(last(2), NO_CONTEXT);
        Await.until(() -> kafka.taken.size() == 3);

        assertThat(taken()).containsExactly(1L, 1L, 2L);
        assertThat(kafka.taken).extracting(ProducerRecord::topic).containsOnly("t.scores.v1");
        assertThat(kafka.taken.get(2).key()).isEqualTo(Ids.sequenceKey(Scores.GENERATOR, 2));
        Await.until(() -> kept(writer).isEmpty());
        assertThat(dropped("final") + dropped("running")).isZero();
    }

    @Test
    void nothingWaitsForAClientThatBlocksForEver() throws Exception {
        kafka.deaf = true;
        int room = 1_000;
        TelemetryWriter<Score> writer = scores(new OutboxLimits(32L << 20, room), List.of());
        long start = System.nanoTime();
        writer.write(last(0), NO_CONTEXT);
        kafka.sending.await();
        for (int i = 1; i < room; i++) {
            writer.write(last(i), NO_CONTEXT);
        }
        for (int i = 0; i < 10_000; i++) {
            writer.write(running(i), NO_CONTEXT);
        }
        writer.write(last(room), NO_CONTEXT);
        writer.flush(false);
        assertThat(kept(writer)).hasSize(room).startsWith(0L).endsWith(room - 1L);
        writer.close();

        assertThat(System.nanoTime() - start).isLessThan(AT_ONCE.multipliedBy(2).toNanos());
        assertThat(dropped("running")).isEqualTo(10_000);
        assertThat(dropped("final")).isEqualTo(1);
    }

    @Test
    void closingInterruptsAClientThatWaits() throws Exception {
        kafka.blocks = true;
        TelemetryWriter<Score> writer = scores();
        writer.write(last(1), NO_CONTEXT);
        kafka.sending.await();
        writer.close();

        assertThat(kafka.closings).hasValue(1);
        assertThat(kept(writer)).containsExactly(1L);
        assertThat(dropped("final")).isZero();
    }

    @Test
    void theEndOfInputIsAwaitedForAFewSecondsAndACancellationNotAtAll() throws Exception {
        kafka.topicAnswer = missing();
        TelemetryWriter<Score> writer = scores();
        writer.write(last(1), NO_CONTEXT);
        writer.flush(true);
        long start = System.nanoTime();
        Thread.currentThread().interrupt();
        writer.close();
        assertThat(Thread.interrupted())
                .as("the task's interrupt is left to the task")
                .isTrue();
        assertThat(System.nanoTime() - start).isLessThan(AT_ONCE.toNanos());

        TelemetryWriter<Score> ending = scores();
        ending.write(last(2), NO_CONTEXT);
        ending.flush(true);
        start = System.nanoTime();
        ending.close();
        assertThat(System.nanoTime() - start)
                .isBetween(
                        Duration.ofSeconds(5).toNanos(), Duration.ofSeconds(8).toNanos());
        assertThat(kept(ending)).containsExactly(2L);
    }

    @Test
    void theEndOfInputWaitsUntilAllIsThere() throws Exception {
        TelemetryWriter<Score> writer = scores();
        for (int i = 0; i < 500; i++) {
            writer.write(i % 2 == 0 ? last(i) : running(i), NO_CONTEXT);
        }
        writer.flush(true);
        writer.close();

        assertThat(kafka.taken).hasSize(500);
    }

    @Test
    void aTopicThatComesBackGetsEverythingThatHadRoom() throws Exception {
        kafka.topicAnswer = missing();
        TelemetryWriter<Score> writer = scores();
        writer.write(running(1), NO_CONTEXT);
        writer.write(last(1), NO_CONTEXT);
        Await.until(() -> opened.get() == 1);
        kafka.topicAnswer = null;
        Await.until(() -> kafka.taken.size() == 2);

        assertThat(taken()).containsExactly(1L, 1L);
        assertThat(dropped("running")).isZero();
        assertThat(opened).as("the client is kept").hasValue(1);
    }

    @Test
    void aForbiddenTopicLosesOnlyWhatMayBeDroppedAndTheClientIsKept() throws Exception {
        AtomicInteger refused = new AtomicInteger();
        kafka.answer = record -> {
            refused.incrementAndGet();
            return new TopicAuthorizationException(Set.of(record.topic()));
        };
        TelemetryWriter<Score> writer = scores();
        writer.write(running(1), NO_CONTEXT);
        writer.write(last(2), NO_CONTEXT);
        writer.write(last(3), NO_CONTEXT);
        Await.until(() -> refused.get() >= 2);
        assertThat(kept(writer)).containsExactly(2L, 3L);
        kafka.answer = record -> null;
        Await.until(() -> kafka.taken.size() == 2);

        assertThat(taken()).containsExactly(2L, 3L);
        assertThat(dropped("running")).isEqualTo(1);
        assertThat(opened).hasValue(1);
    }

    @Test
    void aBrokenClientIsReplaced() throws Exception {
        kafka.answer = record -> opened.get() == 1 ? new KafkaException("fatal") : null;
        TelemetryWriter<Score> writer = scores();
        writer.write(last(1), NO_CONTEXT);
        Await.until(() -> kafka.taken.size() == 1);

        assertThat(opened).hasValue(2);
        assertThat(kafka.closings).hasValue(1);
    }

    @Test
    void anErrorOnTheThreadIsSurvived() throws Exception {
        AtomicInteger sends = new AtomicInteger();
        kafka.answer = record -> {
            if (sends.getAndIncrement() == 0) {
                throw new IllegalStateException("thrown, not answered");
            }
            return null;
        };
        TelemetryWriter<Score> writer = scores();
        writer.write(last(1), NO_CONTEXT);
        Await.until(() -> kafka.taken.size() == 1);

        assertThat(kept(writer)).isEmpty();
    }

    @Test
    void aRecordThatIsTooLargeHoldsUpNoOtherAndIsKeptIfItIsFinal() throws Exception {
        kafka.answer = record -> Ids.counter(sequence(record.value())) == 1 ? new RecordTooLargeException() : null;
        TelemetryWriter<Score> writer = scores();
        writer.write(last(1), NO_CONTEXT);
        writer.write(running(1), NO_CONTEXT);
        writer.write(last(2), NO_CONTEXT);
        writer.write(last(3), NO_CONTEXT);
        Await.until(() -> kafka.taken.size() == 2 && kept(writer).size() == 1);

        assertThat(taken()).containsExactly(2L, 3L);
        assertThat(kept(writer)).containsExactly(1L);
        assertThat(dropped("running")).isEqualTo(1);
        assertThat(opened).hasValue(1);
    }

    @Test
    void aTimeOutLosesNoFinalScore() throws Exception {
        AtomicInteger sends = new AtomicInteger();
        kafka.answer = record -> sends.getAndIncrement() % 3 == 0 ? new TimeoutException("late") : null;
        TelemetryWriter<Score> writer = scores();
        for (int i = 0; i < 5; i++) {
            writer.write(last(i), NO_CONTEXT);
        }
        Await.until(() -> kafka.taken.size() == 5);

        assertThat(taken()).containsExactlyInAnyOrder(0L, 1L, 2L, 3L, 4L);
    }

    @Test
    void whatACheckpointHadIsSentFirst() throws Exception {
        kafka.topicAnswer = missing();
        TelemetryWriter<Score> before = scores();
        before.write(last(1), NO_CONTEXT);
        before.write(running(2), NO_CONTEXT);
        before.write(last(3), NO_CONTEXT);
        before.flush(false);
        List<KeptRecord> state = before.snapshotState(1);
        before.close();
        kafka.topicAnswer = null;
        TelemetryWriter<Score> after = scores(OutboxLimits.SCORES, state);
        after.write(last(4), NO_CONTEXT);
        Await.until(() -> kafka.taken.size() == 3);

        assertThat(taken()).containsExactly(1L, 3L, 4L);
        assertThat(kafka.taken.get(0).key()).isEqualTo(Ids.sequenceKey(Scores.GENERATOR, 1));
    }

    @Test
    void aRecordThatCannotBeEncodedCostsItself() throws Exception {
        TelemetryWriter<Score> writer = scores();
        Score broken = last(1);
        broken.setModel(null);
        writer.write(broken, NO_CONTEXT);
        writer.write(last(2), NO_CONTEXT);
        Await.until(() -> kafka.taken.size() == 1);

        assertThat(dropped("final")).isEqualTo(1);
        assertThat(taken()).containsExactly(2L);
    }

    @Test
    void aHeartbeatGoesToEveryPartitionAndOldOnesGiveWay() throws Exception {
        kafka.partitions = 3;
        kafka.topicAnswer = missing();
        TelemetryWriter<Heartbeat> writer = writer(TelemetryTopic.heartbeats(TOPICS), List.of());
        for (int beat = 0; beat < 10; beat++) {
            writer.write(heartbeat(beat), NO_CONTEXT);
        }
        assertThat(writer.snapshotState(1)).isEmpty();
        kafka.topicAnswer = null;
        // One may have been taken off the queue before the others came.
        Await.until(() -> kafka.taken.size() >= 12);

        RecordCodec<Heartbeat> codec = RecordCodec.of(Heartbeat.class);
        List<ProducerRecord<byte[], byte[]>> last = kafka.taken.subList(kafka.taken.size() - 3, kafka.taken.size());
        assertThat(last).extracting(ProducerRecord::partition).containsExactly(0, 1, 2);
        for (ProducerRecord<byte[], byte[]> record : last) {
            assertThat(record.key()).isNull();
            assertThat(record.topic()).isEqualTo("t.control.v1");
            assertThat(codec.decode(record.value()).getTask()).isEqualTo(9);
        }
        assertThat(counters.dropped(TOPICS.control(), "heartbeat")).isEqualTo(6);
    }

    @Test
    void aHeartbeatThatOnePartitionRefusesIsLostOnce() throws Exception {
        kafka.partitions = 3;
        kafka.answer = record -> record.partition() == 1 ? new TimeoutException("late") : null;
        TelemetryWriter<Heartbeat> writer = writer(TelemetryTopic.heartbeats(TOPICS), List.of());
        writer.write(heartbeat(1), NO_CONTEXT);
        Await.until(() -> counters.dropped(TOPICS.control(), "heartbeat") == 1);

        assertThat(kafka.taken).extracting(ProducerRecord::partition).containsExactly(0, 2);
    }

    private static Heartbeat heartbeat(int task) {
        return new Heartbeat("id", "name", "", task, 1, 0L, new ScoringId(new byte[8]), false, List.of(), List.of());
    }
}
