package io.edistream.cli.watch;

import io.edistream.console.topics.Beginning;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.Score;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.Topics;
import io.edistream.schemas.UnreadableRecordException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the topics on and on and keeps state and screen up to date, on one thread. A partition that it has read to its
 * end once and then is more than {@link #MAX_BEHIND_NANOS} behind is left at its end, and what lies between is counted;
 * what was there at the start is read whole.
 */
final class TopicWatch {

    static final long MAX_BEHIND_NANOS = 3_000_000_000L;

    private static final Duration POLL = Duration.ofMillis(50);

    /** After so long without a record the brokers are asked whether they are there. */
    private static final long SILENCE_NANOS = 3_000_000_000L;

    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final double NANOS_PER_SECOND = 1e9;

    private final org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions;
    private final LiveState state;
    private final WatchScreen screen;
    private final Consumer<String> notice;
    private final LongSupplier nanoTime;
    private final Map<String, Dispatch> dispatchByTopic;
    private final Set<TopicPartition> caughtUp = new HashSet<>();
    private final Map<TopicPartition, Lag> lags = new HashMap<>();
    private long heardNanos;
    private @Nullable Long goneSinceNanos;

    /** Reads one topic's record and passes it on. */
    @FunctionalInterface
    private interface Dispatch {
        void accept(byte[] value, long nowNanos) throws UnreadableRecordException;
    }

    /**
     * A reader of partitions of the topics.
     *
     * @param notice takes what is to be said of the reading itself
     * @param nanoTime a clock that only goes forward
     */
    TopicWatch(
            org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer,
            Topics topics,
            List<TopicPartition> partitions,
            LiveState state,
            WatchScreen screen,
            Consumer<String> notice,
            LongSupplier nanoTime) {
        this.consumer = consumer;
        this.partitions = List.copyOf(partitions);
        this.state = state;
        this.screen = screen;
        this.notice = notice;
        this.nanoTime = nanoTime;
        RecordCodec<TokenEntropyBatch> steps = RecordCodec.of(TokenEntropyBatch.class);
        RecordCodec<Score> scores = RecordCodec.of(Score.class);
        RecordCodec<Command> commands = RecordCodec.of(Command.class);
        RecordCodec<Heartbeat> heartbeats = RecordCodec.of(Heartbeat.class);
        RecordCodec<CommandOutcome> outcomes = RecordCodec.of(CommandOutcome.class);
        this.dispatchByTopic = Map.of(
                topics.tokenEntropy(), (value, now) -> state.onStep(steps.decode(value), now),
                topics.scores(), (value, now) -> state.onScore(scores.decode(value), now),
                topics.control(),
                        (value, now) -> {
                            // The job's signs of life are in the same topic as its commands.
                            if (!heartbeats.claims(value)) {
                                state.onCommand(commands.decode(value), now);
                            }
                        },
                topics.controlOutcomes(), (value, now) -> state.onOutcome(outcomes.decode(value), now));
    }

    /** Reads until no more is wanted. */
    void run(Beginning from, BooleanSupplier goesOn) {
        Map<TopicPartition, Long> ends = from.assign(consumer, partitions);
        heardNanos = nanoTime.getAsLong();
        while (goesOn.getAsBoolean()) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                take(record);
            }
            long now = nanoTime.getAsLong();
            askIfSilent(now);
            state.onTime(now);
            leaveOutWhatIsLate(ends, now);
            screen.draw(state, now);
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        long now = nanoTime.getAsLong();
        heardNanos = now;
        if (goneSinceNanos != null) {
            answered(now);
        }
        byte[] value = record.value();
        Dispatch dispatch = dispatchByTopic.get(record.topic());
        if (value == null || dispatch == null) {
            return;
        }
        try {
            dispatch.accept(value, now);
        } catch (UnreadableRecordException e) {
            state.totals().unreadable();
        }
    }

    private void askIfSilent(long now) {
        if (now - heardNanos < SILENCE_NANOS) {
            return;
        }
        try {
            consumer.endOffsets(partitions, PATIENCE);
            answered(now);
        } catch (TimeoutException e) {
            if (goneSinceNanos == null) {
                goneSinceNanos = now;
                screen.trouble("Kafka does not answer");
                notice.accept("Kafka does not answer; what is shown is what was read before, and more is waited for");
            }
        }
        heardNanos = nanoTime.getAsLong();
    }

    private void answered(long now) {
        Long since = goneSinceNanos;
        if (since != null) {
            goneSinceNanos = null;
            screen.trouble("");
            notice.accept(
                    String.format(Locale.ROOT, "Kafka answers again, after %.0f s", (now - since) / NANOS_PER_SECOND));
        }
    }

    private void leaveOutWhatIsLate(Map<TopicPartition, Long> ends, long now) {
        Set<TopicPartition> late = new HashSet<>();
        for (TopicPartition partition : partitions) {
            long position = consumer.position(partition);
            if (position >= ends.getOrDefault(partition, 0L)) {
                caughtUp.add(partition);
            }
            OptionalLong behind = consumer.currentLag(partition);
            if (caughtUp.contains(partition)
                    && behind.isPresent()
                    && lags.computeIfAbsent(partition, key -> new Lag())
                                    .behindNanos(position, position + behind.getAsLong(), now)
                            > MAX_BEHIND_NANOS) {
                late.add(partition);
            }
        }
        if (late.isEmpty() || goneSinceNanos != null) {
            return;
        }
        long leftOut = 0;
        try {
            for (Map.Entry<TopicPartition, Long> end :
                    consumer.endOffsets(late, PATIENCE).entrySet()) {
                leftOut += Math.max(0, end.getValue() - consumer.position(end.getKey()));
                consumer.seek(end.getKey(), end.getValue());
            }
        } catch (TimeoutException e) {
            // The brokers do not answer; what is late is left out when they do.
            return;
        }
        late.forEach(partition -> lags.getOrDefault(partition, new Lag()).clear());
        state.totals().leftOutRecords(leftOut);
        notice.accept(String.format(
                Locale.ROOT,
                "left out %d records, to go on with those of now: this reader was more than %.0f s behind",
                leftOut,
                MAX_BEHIND_NANOS / NANOS_PER_SECOND));
    }
}
