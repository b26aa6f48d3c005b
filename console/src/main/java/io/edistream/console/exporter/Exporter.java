package io.edistream.console.exporter;

import io.edistream.console.topics.Beginning;
import io.edistream.console.topics.TopicLookup;
import io.edistream.http.ProcessState;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.Score;
import io.edistream.schemas.Spike;
import io.edistream.schemas.Topics;
import io.edistream.schemas.UnreadableRecordException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Reads the topics behind {@link LoopMetrics} on and on, on the thread that runs it. Brokers that do not answer and topics
 * that are missing are waited for, which is said once; what was written meanwhile is read when they are back. Topics and
 * partitions that come later are read from their beginning.
 */
public final class Exporter implements ProcessState {

    /** How often it looks whether brokers and topics are there. With the patience of a look, an outage shows within 10 s. */
    private static final long LOOK_NANOS = 5_000_000_000L;

    private static final Duration POLL = Duration.ofMillis(100);
    private static final double NANOS_PER_SECOND = 1e9;

    private final Consumer<byte[], byte[]> consumer;
    private final TopicLookup lookup;
    private final Topics topics;
    private final Beginning beginning;
    private final LoopMetrics metrics;
    private final java.util.function.Consumer<String> notice;
    private final LongSupplier nanoTime;
    private final Map<String, Dispatch> dispatchByTopic;

    /** Where the partitions ended when they were found: heartbeats before it are no sign of life. */
    private final Map<TopicPartition, Long> ends = new HashMap<>();

    private boolean begun;
    private boolean refused;
    private String trouble = "";
    private long troubleSinceNanos;
    private volatile String reason = "no broker has answered yet";
    private volatile boolean ready;
    private volatile boolean alive = true;

    /** Takes a record of a topic. */
    @FunctionalInterface
    private interface Dispatch {
        void accept(ConsumerRecord<byte[], byte[]> record) throws UnreadableRecordException;
    }

    /**
     * An exporter that has read nothing yet.
     *
     * @param consumer in no group, without partitions; not closed here
     * @param lookup of {@link LoopMetrics#read}
     * @param beginning where to begin in the partitions that are there at the first look
     * @param notice takes what is to be said to whoever runs it
     * @param nanoTime a clock that only goes forward
     */
    public Exporter(
            Consumer<byte[], byte[]> consumer,
            TopicLookup lookup,
            Topics topics,
            Beginning beginning,
            LoopMetrics metrics,
            java.util.function.Consumer<String> notice,
            LongSupplier nanoTime) {
        this.consumer = consumer;
        this.lookup = lookup;
        this.topics = topics;
        this.beginning = beginning;
        this.metrics = metrics;
        this.notice = notice;
        this.nanoTime = nanoTime;
        RecordCodec<Score> scores = RecordCodec.of(Score.class);
        RecordCodec<Spike> spikes = RecordCodec.of(Spike.class);
        RecordCodec<CommandOutcome> outcomes = RecordCodec.of(CommandOutcome.class);
        this.dispatchByTopic = Map.of(
                topics.scores(), record -> metrics.onScore(scores.decode(record.value())),
                topics.spikes(), record -> metrics.onSpike(spikes.decode(record.value())),
                topics.control(), control(),
                topics.controlOutcomes(), record -> metrics.onOutcome(outcomes.decode(record.value())));
    }

    private Dispatch control() {
        RecordCodec<Command> commands = RecordCodec.of(Command.class);
        RecordCodec<Heartbeat> heartbeats = RecordCodec.of(Heartbeat.class);
        return record -> {
            if (!heartbeats.claims(record.value())) {
                metrics.onCommand(commands.decode(record.value()));
                return;
            }
            Heartbeat heartbeat = heartbeats.decode(record.value());
            if (record.offset() >= ends.getOrDefault(partition(record), 0L)) {
                metrics.onHeartbeat(heartbeat);
            }
        };
    }

    /** Reads until no more is wanted, or the thread is interrupted. */
    public void run(BooleanSupplier goesOn) {
        metrics.reachable(false);
        try {
            long looked = nanoTime.getAsLong() - LOOK_NANOS;
            while (goesOn.getAsBoolean()) {
                if (nanoTime.getAsLong() - looked >= LOOK_NANOS) {
                    look();
                    looked = nanoTime.getAsLong();
                }
                poll();
                metrics.lags(ready ? lags() : Map.of());
            }
        } catch (InterruptException | InterruptedException e) {
            // Asked to end.
        } finally {
            alive = false;
        }
    }

    private void poll() {
        if (consumer.assignment().isEmpty()) {
            LockSupport.parkNanos(POLL.toNanos());
            return;
        }
        try {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                take(record);
            }
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            refused = true;
            troubled("Kafka refuses: " + e.getMessage());
            LockSupport.parkNanos(POLL.toNanos());
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        metrics.read(record.topic());
        Dispatch dispatch = dispatchByTopic.get(record.topic());
        try {
            if (record.value() == null || dispatch == null) {
                metrics.unreadable(record.topic());
            } else {
                dispatch.accept(record);
            }
        } catch (UnreadableRecordException e) {
            metrics.unreadable(record.topic());
        }
    }

    private void look() throws InterruptedException {
        try {
            TopicLookup.Found found = lookup.look();
            adopt(found.partitions());
            if (!found.hidden().isEmpty()) {
                troubled("Kafka does not let this user describe " + String.join(", ", found.hidden()));
            } else if (!found.missing().isEmpty()) {
                troubled("Kafka lacks " + String.join(", ", found.missing())
                        + "; another --topic-prefix, or create them with: edistream topics --create");
            } else if (!refused) {
                well();
            }
            refused = false;
        } catch (InterruptException e) {
            throw e;
        } catch (TimeoutException e) {
            troubled("Kafka does not answer");
        } catch (KafkaException e) {
            troubled("Kafka refuses: " + e.getMessage());
        }
    }

    /** Reads these partitions from now on and no others. */
    private void adopt(List<TopicPartition> partitions) {
        Set<TopicPartition> before = consumer.assignment();
        Set<TopicPartition> now = new HashSet<>(partitions);
        List<TopicPartition> fresh = new ArrayList<>(now);
        fresh.removeAll(before);
        try {
            if (!now.equals(before)) {
                consumer.assign(now);
            }
            if (!fresh.isEmpty()) {
                ends.putAll((begun ? Beginning.EARLIEST : beginning).seek(consumer, fresh));
            }
        } catch (KafkaException e) {
            // Where to begin in the new ones is not known: they are found again at the next look.
            consumer.assign(before);
            throw e;
        }
        ends.keySet().retainAll(now);
        begun = true;
    }

    private Map<String, Long> lags() {
        Map<String, Long> known = new HashMap<>();
        Set<String> unknown = new HashSet<>();
        for (TopicPartition partition : consumer.assignment()) {
            OptionalLong behind = consumer.currentLag(partition);
            behind.ifPresentOrElse(
                    records -> known.merge(partition.topic(), records, Long::sum),
                    () -> unknown.add(partition.topic()));
        }
        known.keySet().removeAll(unknown);
        return known;
    }

    /** Says a trouble once, and another one when it takes its place. */
    private void troubled(String what) {
        metrics.reachable(false);
        ready = false;
        reason = what;
        if (trouble.isEmpty()) {
            troubleSinceNanos = nanoTime.getAsLong();
        }
        if (!trouble.equals(what)) {
            notice.accept(what + "; waiting");
        }
        trouble = what;
    }

    private void well() {
        metrics.reachable(true);
        ready = true;
        reason = "reading " + topics.prefix() + "*";
        if (!trouble.isEmpty()) {
            notice.accept(String.format(
                    Locale.ROOT,
                    "reads again, after %.0f s",
                    (nanoTime.getAsLong() - troubleSinceNanos) / NANOS_PER_SECOND));
            trouble = "";
        }
    }

    @Override
    public boolean isAlive() {
        return alive;
    }

    @Override
    public List<Check> checks() {
        return List.of(new Check("topics", ready, reason));
    }

    private static TopicPartition partition(ConsumerRecord<?, ?> record) {
        return new TopicPartition(record.topic(), record.partition());
    }
}
