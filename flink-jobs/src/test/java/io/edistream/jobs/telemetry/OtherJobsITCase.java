package io.edistream.jobs.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.embedded.EmbeddedKafka;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.Mode;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.RuleInForce;
import io.edistream.schemas.ScoringId;
import io.edistream.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class OtherJobsITCase {

    private static final RecordCodec<Heartbeat> CODEC = RecordCodec.of(Heartbeat.class);

    private static EmbeddedKafka kafka;

    @BeforeAll
    static void start() {
        kafka = EmbeddedKafka.start();
    }

    @AfterAll
    static void stop() {
        kafka.close();
    }

    private static OtherJobs listen(String servers, Topics topics) {
        return OtherJobs.listen(servers, Map.of(), topics.control(), Clock.systemUTC());
    }

    private static byte[] beat(String id, String name, long sentMillis, RuleInForce... modes) {
        return CODEC.encode(new Heartbeat(
                id,
                name,
                "1",
                0,
                1,
                TimeUnit.MILLISECONDS.toMicros(sentMillis),
                new ScoringId(new byte[8]),
                false,
                List.of(modes),
                List.of()));
    }

    private static void send(Topics topics, int partition, long timeMillis, byte[] value) throws Exception {
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", kafka.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topics.control(), partition, timeMillis, null, value))
                    .get();
        }
    }

    @Test
    void theNewestHeartbeatOfEachJobIsHeardInWhateverPartition() throws Exception {
        Topics topics = new Topics("heard.");
        kafka.createTopics(topics, 3);
        long now = System.currentTimeMillis();
        RuleInForce armed = new RuleInForce("abort-above", 3, Mode.ARMED);
        RuleInForce shadow = new RuleInForce("branch-above", 1, Mode.SHADOW);
        send(topics, 0, now - 60_000, beat("gone", "gone", now - 60_000));
        send(topics, 2, now - 4_000, beat("a", "first", now - 4_000));
        send(topics, 1, now - 2_000, beat("a", "first", now - 2_000, armed, shadow));
        send(topics, 2, now, "no heartbeat".getBytes(StandardCharsets.US_ASCII));
        send(topics, 2, now, beat("b", "second", now + 60_000, shadow));

        OtherJobs heard = listen(kafka.bootstrapServers(), topics);

        assertThat(heard.obstacle()).isEmpty();
        assertThat(heard.jobs()).extracting(OtherJob::id).containsExactly("a", "b");
        OtherJob first = heard.jobs().get(0);
        assertThat(first.isArmed()).isTrue();
        assertThat(first.modes()).containsExactly(armed, shadow);
        assertThat(first.age()).isBetween(Duration.ofSeconds(2), Duration.ofMinutes(1));
        assertThat(heard.jobs().get(1).age()).as("of a clock ahead of ours").isZero();
        assertThat(heard.jobs().get(1).isArmed()).isFalse();
    }

    @Test
    void theWarningNamesTheJobWhatItMayDoAndWhatToDo() {
        OtherJob job = new OtherJob(
                "0af3",
                "edistream",
                "1",
                Duration.ofMillis(1_234),
                false,
                List.of(
                        new RuleInForce("abort-above", 3, Mode.ARMED),
                        new RuleInForce("branch-above", 1, Mode.SHADOW)));

        assertThat(job.warning("edistream.control.v1"))
                .isEqualTo("another job 'edistream' (id 0af3, armed: abort-above:3) sent a heartbeat 1.2 s ago on"
                        + " edistream.control.v1: two armed jobs decide twice, whatever their names and"
                        + " groups; stop it, or leave the rules of one in shadow");
        OtherJob stopped = new OtherJob("0af3", "edistream", "1", Duration.ZERO, true, job.modes());
        assertThat(stopped.warning("c")).contains("(id 0af3, nothing armed)");
    }

    @Test
    void aTopicThatIsMissingAndBrokersThatAreGoneAreAnObstacleWithinSeconds() {
        long start = System.nanoTime();
        OtherJobs missing = listen(kafka.bootstrapServers(), new Topics("none."));
        OtherJobs gone = listen("localhost:1", new Topics("none."));

        assertThat(System.nanoTime() - start).isLessThan(Duration.ofSeconds(14).toNanos());
        assertThat(missing.jobs()).isEmpty();
        assertThat(missing.obstacle().orElseThrow()).contains("none.control.v1");
        assertThat(gone.jobs()).isEmpty();
        assertThat(gone.obstacle()).isPresent();
    }

    @Test
    void aTopicWithoutHeartbeatsIsQuicklyDoneWith() {
        Topics topics = new Topics("quiet.");
        kafka.createTopics(topics, 2);
        assertThat(listen(kafka.bootstrapServers(), topics)).isEqualTo(new OtherJobs(List.of(), Optional.empty()));
    }
}
