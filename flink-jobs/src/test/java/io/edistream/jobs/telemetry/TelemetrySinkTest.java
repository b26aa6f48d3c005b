package io.edistream.jobs.telemetry;

import static io.edistream.jobs.telemetry.Scores.last;
import static io.edistream.jobs.telemetry.Scores.running;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.Score;
import io.edistream.schemas.Topics;
import io.edistream.schemas.UnreadableRecordException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.runtime.operators.sink.SinkWriterOperatorFactory;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The sink in Flink's operator: its state goes where Flink takes it. */
@Timeout(60)
class TelemetrySinkTest {

    private static final int MAX_PARALLELISM = 8;
    private static final List<FakeProducer> CLIENTS = new ArrayList<>();

    private static volatile boolean forbidden;

    @AfterEach
    void forget() {
        CLIENTS.clear();
    }

    private static OneInputStreamOperatorTestHarness<Score, CommittableMessage<Object>> task(int tasks, int number)
            throws Exception {
        TelemetrySink<Score> sink = TelemetrySink.of(TelemetryTopic.scores(Topics.DEFAULT), () -> {
            FakeProducer client = new FakeProducer();
            if (forbidden) {
                client.topicAnswer = new TopicAuthorizationException("no");
            }
            synchronized (CLIENTS) {
                CLIENTS.add(client);
            }
            return client;
        });
        return new OneInputStreamOperatorTestHarness<>(
                new SinkWriterOperatorFactory<Score, Object>(sink), MAX_PARALLELISM, tasks, number);
    }

    /** Runs tasks on a state, lets each write what is its own, and stores them with a topic that nobody may write. */
    private static OperatorSubtaskState forbidden(OperatorSubtaskState state, int from, int tasks, int each)
            throws Exception {
        forbidden = true;
        List<OperatorSubtaskState> stored = new ArrayList<>();
        for (int number = 0; number < tasks; number++) {
            var task = task(tasks, number);
            try {
                task.setup();
                task.initializeState(AbstractStreamOperatorTestHarness.repartitionOperatorState(
                        state, MAX_PARALLELISM, from, tasks, number));
                task.open();
                for (int i = 0; i < each; i++) {
                    long sequence = 100L * tasks + 10L * number + i;
                    task.processElement(new StreamRecord<>(running(sequence)));
                    task.processElement(new StreamRecord<>(last(sequence)));
                }
                task.prepareSnapshotPreBarrier(1);
                stored.add(task.snapshot(1, 1));
            } finally {
                task.close();
            }
        }
        return AbstractStreamOperatorTestHarness.repackageState(stored.toArray(OperatorSubtaskState[]::new));
    }

    private static List<Long> taken() {
        List<Long> sequences = new ArrayList<>();
        synchronized (CLIENTS) {
            for (FakeProducer client : CLIENTS) {
                client.taken.forEach(record -> {
                    try {
                        Score score = RecordCodec.of(Score.class).decode(record.value());
                        assertThat(score.getFinal$()).isTrue();
                        sequences.add(Ids.counter(score.getSequence()));
                    } catch (UnreadableRecordException e) {
                        throw new AssertionError(e);
                    }
                });
            }
        }
        return sequences;
    }

    @Test
    void noFinalScoreOfACheckpointIsLostWhateverBecomesOfTheParallelism() throws Exception {
        OperatorSubtaskState one = forbidden(OperatorSubtaskState.builder().build(), 1, 1, 10);
        OperatorSubtaskState three = forbidden(one, 1, 3, 5);
        OperatorSubtaskState two = forbidden(three, 3, 2, 0);

        forbidden = false;
        List<Long> expected = LongStream.of(100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 300, 301, 302, 303, 304)
                .boxed()
                .collect(ArrayList::new, List::add, List::addAll);
        LongStream.of(310, 311, 312, 313, 314, 320, 321, 322, 323, 324).forEach(expected::add);
        List<OneInputStreamOperatorTestHarness<Score, CommittableMessage<Object>>> tasks = new ArrayList<>();
        for (int number = 0; number < 2; number++) {
            var task = task(2, number);
            tasks.add(task);
            task.setup();
            task.initializeState(
                    AbstractStreamOperatorTestHarness.repartitionOperatorState(two, MAX_PARALLELISM, 2, 2, number));
            task.open();
        }
        Await.until(() -> taken().size() >= expected.size());
        for (var task : tasks) {
            task.close();
        }
        assertThat(taken()).containsExactlyInAnyOrderElementsOf(expected);
    }
}
