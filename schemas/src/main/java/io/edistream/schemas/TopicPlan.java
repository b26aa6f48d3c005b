package io.edistream.schemas;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The settings of every topic. Those that protect readers or that the design relies on are written out even where they are
 * Kafka's defaults, since a cluster may have others.
 *
 * @param topics names of the topics
 * @param partitions of the two topics whose traffic grows with the tokens, token-entropy and scores; 1 to 1,000
 * @param retention how long token-entropy is kept, which is how long the job may be down; 1 minute to 10 years
 */
public record TopicPlan(Topics topics, int partitions, Duration retention) {

    /** Partitions of token-entropy and scores: enough for a few busy generators and a job of as many tasks. */
    public static final int DEFAULT_PARTITIONS = 12;

    /** How long token-entropy is kept. */
    public static final Duration DEFAULT_RETENTION = Duration.ofDays(1);

    private static final int MAX_PARTITIONS = 1_000;
    private static final Duration MIN_RETENTION = Duration.ofMinutes(1);
    private static final Duration MAX_RETENTION = Duration.ofDays(3_650);

    /** Partitions of topics with little traffic, so that one broker does not have it all. */
    private static final int FEW = 3;

    private static final String TIMESTAMP_TYPE = "message.timestamp.type";

    private static final Duration WEEK = Duration.ofDays(7);
    private static final Duration HOUR = Duration.ofHours(1);

    /** Kafka's own default, a megabyte and a batch's header, in compressed bytes. */
    private static final int MAX_BATCH_BYTES = RecordLimits.MAX_RECORD_BYTES + 12;

    /** Kafka deletes whole segments, so a record outlives the retention by up to this part of it. */
    private static final int SEGMENTS_PER_RETENTION = 12;

    /**
     * @throws IllegalArgumentException if partitions or retention are out of their bounds
     */
    public TopicPlan {
        if (partitions < 1 || partitions > MAX_PARTITIONS) {
            throw new IllegalArgumentException("partitions " + partitions + ": must be 1 to " + MAX_PARTITIONS);
        }
        if (retention.compareTo(MIN_RETENTION) < 0 || retention.compareTo(MAX_RETENTION) > 0) {
            throw new IllegalArgumentException("retention " + retention + ": must be " + MIN_RETENTION.toMinutes()
                    + " minute to " + MAX_RETENTION.toDays() + " days");
        }
    }

    /** The plan with the default numbers. */
    public static TopicPlan of(Topics topics) {
        return new TopicPlan(topics, DEFAULT_PARTITIONS, DEFAULT_RETENTION);
    }

    /** Every topic, in the order of {@link Topics#all}. */
    public List<TopicSettings> all() {
        int few = Math.min(FEW, partitions);
        return List.of(
                stampedByBroker(deleted(
                        topics.tokenEntropy(),
                        partitions,
                        retention,
                        "As many partitions as the job may have tasks. Kept as long as the job may be down. Stamped by"
                                + " the broker, by whose clock the job tells whether it is behind.")),
                deleted(
                        topics.scores(),
                        partitions,
                        WEEK,
                        "Traffic grows with the tokens. Not compacted: a final score could hide behind a running one that"
                                + " was repeated after a failure."),
                deleted(topics.spikes(), few, WEEK, "A budget per sequence keeps them few."),
                deleted(
                        topics.control(),
                        few,
                        HOUR,
                        "Few partitions, since every source reads all of them; short, since sources ignore old commands."),
                deleted(topics.controlOutcomes(), few, WEEK, "A few records per command."),
                deleted(topics.rejected(), few, WEEK, "A budget per generator and reason keeps them few."),
                compacted(
                        topics.rules(),
                        retention,
                        "The newest of each key for ever. One partition, so that changes have an order. A revision that"
                                + " was deleted stays as long as a token that may need it."),
                compacted(
                        topics.ruleModes(),
                        Duration.ZERO,
                        "The newest of each key for ever; asked when acting, so that no earlier one is needed."),
                deleted(topics.audit(), 1, Duration.ofDays(90), "Every change in one order, for a quarter of a year."),
                compacted(
                        topics.profiles(),
                        retention,
                        "As rules: a limit that was replaced stays as long as a token that may need it."),
                deleted(topics.groups(), few, WEEK, "One record per group and a few on the way."),
                deleted(
                        topics.panes(),
                        few,
                        Duration.ofDays(1),
                        "One record per generator and second, merged into fleet soon after."),
                upserts(
                        topics.fleet(),
                        "Windows are written again with a higher revision; only the last is of use. Deleted in the end, so"
                                + " that models that are gone go."));
    }

    /**
     * One topic's settings.
     *
     * @param name full name of one of the topics
     * @throws IllegalArgumentException if it is none of them
     */
    public TopicSettings of(String name) {
        return all().stream()
                .filter(topic -> topic.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "topic '" + name + "': must be one of " + String.join(", ", topics.all())));
    }

    private static TopicSettings deleted(String name, int partitions, Duration kept, String reason) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("cleanup.policy", "delete");
        keep(settings, kept);
        return topic(name, partitions, settings, reason);
    }

    private static TopicSettings stampedByBroker(TopicSettings topic) {
        Map<String, String> settings = new LinkedHashMap<>(topic.settings());
        settings.put(TIMESTAMP_TYPE, "LogAppendTime");
        return new TopicSettings(topic.name(), topic.partitions(), settings, topic.reason());
    }

    private static TopicSettings compacted(String name, Duration neededBehindItsEnd, String reason) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("cleanup.policy", "compact");
        // Without effect while the policy is this one; whoever adds "delete" to it loses nothing.
        settings.put("retention.ms", "-1");
        settings.put("min.compaction.lag.ms", millis(neededBehindItsEnd));
        // A reader that was away this long still learns what was deleted meanwhile.
        settings.put("delete.retention.ms", millis(longer(neededBehindItsEnd, WEEK)));
        return topic(name, 1, settings, reason);
    }

    private static TopicSettings upserts(String name, String reason) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("cleanup.policy", "compact,delete");
        keep(settings, WEEK);
        // A reader that is a little behind still sees each window.
        settings.put("min.compaction.lag.ms", millis(HOUR));
        return topic(name, 1, settings, reason);
    }

    private static void keep(Map<String, String> settings, Duration kept) {
        settings.put("retention.ms", millis(kept));
        settings.put("segment.ms", millis(kept.dividedBy(SEGMENTS_PER_RETENTION)));
    }

    private static TopicSettings topic(String name, int partitions, Map<String, String> settings, String reason) {
        // What the producer chose; any other value makes the broker expand every batch.
        settings.put("compression.type", "producer");
        settings.put("max.message.bytes", String.valueOf(MAX_BATCH_BYTES));
        settings.put(RecordLimits.SETTING, String.valueOf(RecordLimits.MAX_RECORD_BYTES));
        settings.put(TIMESTAMP_TYPE, "CreateTime");
        // A record from a clock that is far ahead would keep its segment for as long.
        settings.put("message.timestamp.after.max.ms", millis(HOUR));
        return new TopicSettings(name, partitions, settings, reason);
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    private static String millis(Duration duration) {
        return String.valueOf(duration.toMillis());
    }
}
