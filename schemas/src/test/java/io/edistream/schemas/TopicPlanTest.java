package io.edistream.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TopicPlanTest {

    private static final Path PAGE = Path.of("..", "docs", "topics.md");
    private static final Topics TOPICS = Topics.DEFAULT;
    private static final String DAY = "86400000";
    private static final String HOUR = "3600000";

    @Test
    void everyTopicHasItsPlaceInOrder() {
        assertThat(TopicPlan.of(TOPICS).all().stream().map(TopicSettings::name))
                .containsExactlyElementsOf(TOPICS.all());
        assertThat(TopicPlan.of(new Topics("x.")).of("x.control.v1").name()).isEqualTo("x.control.v1");
        assertThatThrownBy(() -> TopicPlan.of(TOPICS).of("control"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("topic 'control': must be one of edistream.token-entropy.v1, ");
    }

    /** What a plain consumer of 300 MB survived: 20 records of a mebibyte. */
    @Test
    void noTopicTakesARecordThatExpandsBeyondWhatReadersHaveRoomFor() {
        assertThat(TopicPlan.of(TOPICS).all()).allSatisfy(topic -> assertThat(topic.settings())
                .containsEntry("max.decompressed.message.bytes", "1048576")
                .containsEntry("max.message.bytes", "1048588")
                .containsEntry("compression.type", "producer")
                .containsEntry(
                        "message.timestamp.type",
                        topic.name().equals(TOPICS.tokenEntropy()) ? "LogAppendTime" : "CreateTime")
                .containsEntry("message.timestamp.after.max.ms", HOUR));
        assertThat((long) RecordLimits.MAX_POLL_RECORDS * RecordLimits.MAX_RECORD_BYTES)
                .isEqualTo(20L << 20);
    }

    @Test
    void theOptionsArrive() {
        TopicPlan plan = new TopicPlan(TOPICS, 7, Duration.ofHours(12));
        assertThat(plan.of(TOPICS.tokenEntropy()).partitions()).isEqualTo(7);
        assertThat(plan.of(TOPICS.scores()).partitions()).isEqualTo(7);
        assertThat(plan.of(TOPICS.tokenEntropy()).settings())
                .containsEntry("cleanup.policy", "delete")
                .containsEntry("retention.ms", "43200000")
                .containsEntry("segment.ms", HOUR);
        assertThat(new TopicPlan(TOPICS, 2, Duration.ofHours(12))
                        .of(TOPICS.control())
                        .partitions())
                .isEqualTo(2);
    }

    @Test
    void controlIsShortAndNarrow() {
        TopicSettings control = TopicPlan.of(TOPICS).of(TOPICS.control());
        assertThat(control.partitions()).isEqualTo(3);
        assertThat(control.settings()).containsEntry("retention.ms", HOUR).containsEntry("segment.ms", "300000");
    }

    /** A token that is read again finds the rule and the limit that were in force when it was first read. */
    @Test
    void rulesAndProfilesOutliveTheTokensThatNeedThem() {
        TopicPlan plan = new TopicPlan(TOPICS, 12, Duration.ofDays(30));
        for (String name : List.of(TOPICS.rules(), TOPICS.profiles())) {
            assertThat(plan.of(name).partitions()).isEqualTo(1);
            assertThat(plan.of(name).settings())
                    .containsEntry("cleanup.policy", "compact")
                    .containsEntry("retention.ms", "-1")
                    .containsEntry("min.compaction.lag.ms", "2592000000")
                    .containsEntry("delete.retention.ms", "2592000000");
        }
        assertThat(TopicPlan.of(TOPICS).of(TOPICS.rules()).settings()).containsEntry("min.compaction.lag.ms", DAY);
        assertThat(plan.of(TOPICS.ruleModes()).settings())
                .containsEntry("cleanup.policy", "compact")
                .containsEntry("min.compaction.lag.ms", "0");
    }

    @Test
    void fleetIsCompactedAndEndsInTime() {
        assertThat(TopicPlan.of(TOPICS).of(TOPICS.fleet()).settings())
                .containsEntry("cleanup.policy", "compact,delete")
                .containsEntry("retention.ms", "604800000");
    }

    @Test
    void numbersOutOfTheirBoundsAreRefused() {
        Duration day = Duration.ofDays(1);
        assertThat(new TopicPlan(TOPICS, 1, Duration.ofMinutes(1)).all()).allMatch(topic -> topic.partitions() == 1);
        assertThat(new TopicPlan(TOPICS, 1_000, Duration.ofDays(3_650)).all()).isNotEmpty();
        assertThatThrownBy(() -> new TopicPlan(TOPICS, 0, day)).hasMessage("partitions 0: must be 1 to 1000");
        assertThatThrownBy(() -> new TopicPlan(TOPICS, 1_001, day)).hasMessage("partitions 1001: must be 1 to 1000");
        assertThatThrownBy(() -> new TopicPlan(TOPICS, 1, Duration.ofSeconds(59)))
                .hasMessage("retention PT59S: must be 1 minute to 3650 days");
        assertThatThrownBy(() -> new TopicPlan(TOPICS, 1, Duration.ofDays(3_650).plusMillis(1)))
                .hasMessageContaining("must be 1 minute to 3650 days");
    }

    /** The page is what operators read; the plan is what they get. */
    @Test
    void thePageSaysWhatThePlanIs() throws IOException {
        List<String> rows = Files.readAllLines(PAGE).stream()
                .filter(line -> line.startsWith("| `"))
                .toList();
        assertThat(rows)
                .containsExactlyElementsOf(TopicPlan.of(TOPICS).all().stream()
                        .map(TopicPlanTest::row)
                        .toList());
    }

    private static String row(TopicSettings topic) {
        String name = topic.name().substring("edistream.".length(), topic.name().length() - ".v1".length());
        return "| `" + name + "` | " + topic.partitions() + " | "
                + kept(Long.parseLong(topic.settings().get("retention.ms"))) + " | "
                + topic.settings().get("cleanup.policy") + " | " + topic.reason() + " |";
    }

    private static String kept(long millis) {
        Duration kept = Duration.ofMillis(millis);
        if (millis < 0) {
            return "for ever";
        }
        return kept.toDays() > 0 ? kept.toDays() + " d" : kept.toHours() + " h";
    }
}
