package io.edistream.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicsTest {

    /** Kafka's own limit. */
    private static final int MAX_CHARACTERS = 249;

    @Test
    void namesCarryPrefixAndVersion() {
        assertThat(Topics.DEFAULT.required())
                .containsExactly(
                        "edistream.token-entropy.v1",
                        "edistream.scores.v1",
                        "edistream.spikes.v1",
                        "edistream.control.v1",
                        "edistream.control-outcomes.v1",
                        "edistream.rejected.v1");
        assertThat(Topics.DEFAULT.all())
                .startsWith(Topics.DEFAULT.required().toArray(String[]::new))
                .endsWith(
                        "edistream.rules.v1",
                        "edistream.rule-modes.v1",
                        "edistream.audit.v1",
                        "edistream.profiles.v1",
                        "edistream.groups.v1",
                        "edistream.panes.v1",
                        "edistream.fleet.v1")
                .hasSize(13);
        assertThat(new Topics("").control()).isEqualTo("control.v1");
    }

    @Test
    void theLongestPrefixStillMakesNamesThatKafkaTakes() {
        assertThat(new Topics("p".repeat(200)).all())
                .doesNotHaveDuplicates()
                .allMatch(name -> name.length() <= MAX_CHARACTERS && name.matches("[a-zA-Z0-9._-]+"));
        assertThatThrownBy(() -> new Topics("p".repeat(201)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most 200");
    }

    @ParameterizedTest
    @ValueSource(strings = {" ", "a/b", "ü", "a:b", "a\n", "a b"})
    void prefixesThatKafkaWouldRefuseAreRefused(String prefix) {
        assertThatThrownBy(() -> new Topics(prefix))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("letters, digits");
    }
}
