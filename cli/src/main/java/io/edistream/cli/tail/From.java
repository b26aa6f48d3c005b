package io.edistream.cli.tail;

import io.edistream.cli.UserError;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.flink.util.TimeUtils;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;

/**
 * Where to begin to read.
 *
 * @param place the beginning, the end, or a time
 * @param epochMillis the time by the stamps of the records, of {@link Place#TIME} alone
 */
public record From(Place place, OptionalLong epochMillis) {

    /** Kinds of beginnings. */
    public enum Place {
        /** At the first record that is kept. */
        EARLIEST,
        /** At records that are yet to come. */
        LATEST,
        /** At the first record of that time or later. */
        TIME
    }

    /** The beginning. */
    public static final From EARLIEST = new From(Place.EARLIEST, OptionalLong.empty());
    /** The end. */
    public static final From LATEST = new From(Place.LATEST, OptionalLong.empty());

    /**
     * What somebody typed: {@code earliest}, {@code latest}, how long ago ({@code 10min}) or an instant
     * ({@code 2026-01-31T12:00:00Z}).
     *
     * @throws UserError if it is neither
     */
    public static From parse(String text, Instant now) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.equals("earliest")) {
            return EARLIEST;
        }
        if (lower.equals("latest")) {
            return LATEST;
        }
        try {
            if (text.contains("T") && !text.startsWith("P")) {
                return at(Instant.parse(text));
            }
            Duration ago = TimeUtils.parseDuration(lower);
            if (!ago.isNegative()) {
                return at(now.minus(ago));
            }
        } catch (DateTimeParseException | IllegalArgumentException | ArithmeticException e) {
            // Said below, with what is allowed.
        }
        throw UserError.wrongRequest("--from '" + text
                + "': must be earliest, latest, how long ago (for instance 10min) or an instant in UTC (for instance"
                + " 2026-01-31T12:00:00Z)");
    }

    private static From at(Instant time) {
        return new From(Place.TIME, OptionalLong.of(Math.max(0, time.toEpochMilli())));
    }

    /**
     * Assigns the partitions to the consumer, so that it reads from here on.
     *
     * @return where the partitions end
     */
    public Map<TopicPartition, Long> assign(Consumer<?, ?> consumer, List<TopicPartition> partitions) {
        consumer.assign(partitions);
        Map<TopicPartition, Long> ends = new HashMap<>(consumer.endOffsets(partitions));
        switch (place) {
            case EARLIEST -> consumer.seekToBeginning(partitions);
            case LATEST -> ends.forEach(consumer::seek);
            case TIME -> seekToTime(consumer, epochMillis.orElseThrow(), ends);
        }
        return ends;
    }

    private static void seekToTime(Consumer<?, ?> consumer, long epochMillis, Map<TopicPartition, Long> ends) {
        Map<TopicPartition, Long> asked = new HashMap<>();
        ends.keySet().forEach(partition -> asked.put(partition, epochMillis));
        Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(asked);
        ends.forEach((partition, end) -> {
            OffsetAndTimestamp start = found.get(partition);
            consumer.seek(partition, start == null ? end : start.offset());
        });
    }
}
