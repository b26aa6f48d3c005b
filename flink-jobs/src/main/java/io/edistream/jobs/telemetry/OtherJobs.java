package io.edistream.jobs.telemetry;

import io.edistream.jobs.properties.SecretMask;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.RecordLimits;
import io.edistream.schemas.UnreadableRecordException;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Which jobs sent a heartbeat within the last ten seconds, asked once. A job that was stopped a moment ago is still heard of.
 *
 * @param jobs those that were heard of, by name and id
 * @param obstacle why the answer may be incomplete: topic or right is missing, or the brokers did not answer in time
 */
public record OtherJobs(List<OtherJob> jobs, Optional<String> obstacle) {

    /** How far back is looked: five heartbeats. */
    static final Duration WINDOW = Duration.ofSeconds(10);

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Copies the jobs. */
    public OtherJobs {
        jobs = List.copyOf(jobs);
    }

    /**
     * Listens for some seconds at most.
     *
     * @param bootstrapServers brokers, {@code host:port} separated by commas
     * @param properties further properties of the client, for instance for TLS and SASL
     * @param topic the topic of commands
     * @param clock that of whoever asks
     */
    public static OtherJobs listen(String bootstrapServers, Map<String, String> properties, String topic, Clock clock) {
        Listener listener = new Listener(topic, clock);
        try (Consumer<byte[], byte[]> consumer = consumer(bootstrapServers, properties)) {
            return new OtherJobs(listener.jobs(consumer), listener.obstacle());
        } catch (KafkaException e) {
            return new OtherJobs(
                    listener.jobs(), Optional.of(SecretMask.of(properties).hide(String.valueOf(e.getMessage()))));
        }
    }

    private static Consumer<byte[], byte[]> consumer(String bootstrapServers, Map<String, String> properties) {
        Map<String, Object> config = new HashMap<>(properties);
        config.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        // It joins no group, commits nothing and creates no topic by asking for it.
        config.remove(ConsumerConfig.GROUP_ID_CONFIG);
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
        config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, String.valueOf(RecordLimits.MAX_POLL_RECORDS));
        config.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, String.valueOf(PATIENCE.toMillis()));
        config.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, String.valueOf(PATIENCE.toMillis()));
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** One round of listening, and what it heard. */
    private static final class Listener {

        private final String topic;
        private final Clock clock;
        private final long endMillis;
        private final RecordCodec<Heartbeat> codec = RecordCodec.of(Heartbeat.class);
        private final Map<String, Heartbeat> newestById = new HashMap<>();
        private boolean complete;

        private Listener(String topic, Clock clock) {
            this.topic = topic;
            this.clock = clock;
            this.endMillis = clock.millis() + PATIENCE.toMillis();
        }

        private List<OtherJob> jobs(Consumer<byte[], byte[]> consumer) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic, left()).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            if (partitions.isEmpty()) {
                return List.of();
            }
            consumer.assign(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, left());
            long from = clock.millis() - WINDOW.toMillis();
            Map<TopicPartition, OffsetAndTimestamp> starts = consumer.offsetsForTimes(
                    partitions.stream().collect(Collectors.toMap(partition -> partition, partition -> from)), left());
            for (TopicPartition partition : partitions) {
                OffsetAndTimestamp start = starts.get(partition);
                long end = ends.getOrDefault(partition, 0L);
                consumer.seek(partition, start == null ? end : Math.min(start.offset(), end));
            }
            while (!complete && !left().isZero()) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(left())) {
                    heard(record.value());
                }
                complete = partitions.stream()
                        .allMatch(
                                partition -> consumer.position(partition, left()) >= ends.getOrDefault(partition, 0L));
            }
            return jobs();
        }

        private void heard(byte @Nullable [] value) {
            if (value == null || !codec.claims(value)) {
                return;
            }
            try {
                Heartbeat beat = codec.decode(value);
                newestById.merge(
                        beat.getJobId(),
                        beat,
                        (one, other) -> one.getSentAtMicros() > other.getSentAtMicros() ? one : other);
            } catch (UnreadableRecordException e) {
                // Nobody who can be heard of.
            }
        }

        private List<OtherJob> jobs() {
            return newestById.values().stream()
                    .map(beat -> new OtherJob(
                            beat.getJobId(),
                            beat.getJobName(),
                            beat.getRelease(),
                            age(beat),
                            beat.getKillSwitch(),
                            beat.getModes()))
                    .sorted(Comparator.comparing(OtherJob::name).thenComparing(OtherJob::id))
                    .toList();
        }

        private Duration age(Heartbeat beat) {
            Duration age = Duration.of(clock.millis(), ChronoUnit.MILLIS)
                    .minus(Duration.of(beat.getSentAtMicros(), ChronoUnit.MICROS));
            return age.isNegative() ? Duration.ZERO : age;
        }

        private Optional<String> obstacle() {
            return complete
                    ? Optional.empty()
                    : Optional.of("topic " + topic + " is not there, or was not read to its end within "
                            + PATIENCE.toSeconds() + " s");
        }

        private Duration left() {
            return Duration.ofMillis(Math.max(0, endMillis - clock.millis()));
        }
    }
}
