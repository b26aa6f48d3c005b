package io.edistream.cli.tail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.cli.UserError;
import io.edistream.console.topics.Beginning;
import io.edistream.schemas.Topics;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FromTest {

    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");

    @Test
    void aTimeIsAnInstantOrHowLongAgo() {
        assertThat(From.parse("10min", NOW).epochMillis()).hasValue(NOW.toEpochMilli() - 600_000);
        assertThat(From.parse("2026-01-31T11:00:00Z", NOW).epochMillis()).hasValue(NOW.toEpochMilli() - 3_600_000);
        assertThat(From.parse("100000d", NOW).epochMillis())
                .as("Kafka has no times before 1970")
                .hasValue(0);
        assertThat(From.parse("EARLIEST", NOW)).isEqualTo(Beginning.EARLIEST);
        assertThat(From.parse("latest", NOW)).isEqualTo(Beginning.LATEST);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "-3s", "2026-01-31", "2026-13-31T12:00:00Z", "99999999999999999999d"})
    void whatIsNeitherIsRefused(String text) {
        assertThatThrownBy(() -> From.parse(text, NOW))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("--from '" + text + "': must be earliest, latest, how long ago");
    }

    @Test
    void topicsHaveTwoNames() {
        assertThat(TopicKind.of("control-outcomes", Topics.DEFAULT).fullName())
                .isEqualTo("edistream.control-outcomes.v1");
        assertThat(TopicKind.of("my.scores.v1", new Topics("my.")).shortName()).isEqualTo("scores");
        for (String full : Topics.DEFAULT.all()) {
            assertThat(TopicKind.of(full, Topics.DEFAULT).fullName()).isEqualTo(full);
        }
    }

    @ParameterizedTest
    @CsvSource({"score,scores", "tokenentropy,token-entropy", "control-outcome,control-outcomes", "spkies,spikes"})
    void aMisspeltTopicIsSuggested(String typed, String meant) {
        assertThatThrownBy(() -> TopicKind.of(typed, Topics.DEFAULT))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(
                        "TOPIC '" + typed + "' (did you mean '" + meant + "'?): must be one of token-entropy,");
    }

    @Test
    void nothingIsSuggestedForWhatIsFarFromAll() {
        assertThatThrownBy(() -> TopicKind.of("xyzxyzxyz", Topics.DEFAULT))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("TOPIC 'xyzxyzxyz': must be one of token-entropy, scores");
    }
}
