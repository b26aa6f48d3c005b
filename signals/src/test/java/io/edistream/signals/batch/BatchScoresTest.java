package io.edistream.signals.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.signals.Scoring;
import io.edistream.signals.Token;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class BatchScoresTest {

    private static final int MILLION = 1_000_000;

    /** A search for each token's minimum would take 5 * 10^11 steps: many minutes, and not the second that this takes. */
    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aMillionTokensTakeLinearTime() {
        List<Token> tokens = IntStream.range(0, MILLION)
                .mapToObj(i -> new Token(i % 2 == 0 ? 1 : 3, Token.UNMEASURED, -1, i % 2 == 0 ? 4 : 8, 1))
                .toList();

        Map<String, Double> scores = BatchScores.of(tokens, Scoring.DEFAULT.withTrackedClass("all"), 1);

        // Every second token lies 2 above the one before and above the minimum; eight tokens before it was the same.
        assertThat(scores)
                .containsEntry("rebound", MILLION / 2.0)
                .containsEntry("burst", 0.0)
                .containsEntry("spike_count", MILLION - 1.0)
                .containsEntry("mean_entropy", 2.0)
                .containsEntry("largest_windowed_entropy", 2.0)
                .containsEntry("lowest_group_confidence", 6.0)
                .containsEntry("class_all.rebound", MILLION / 2.0);
    }

    @Test
    void aSequenceWithoutTheClassHasNoClassSignals() {
        Scoring scoring = Scoring.DEFAULT.withTrackedClass("result");
        List<Token> tokens = List.of(Token.ofEntropy(1));

        assertThat(BatchScores.of(tokens, scoring, -1))
                .isEqualTo(BatchScores.of(tokens, Scoring.DEFAULT, 0))
                .isNotEmpty();
        assertThat(BatchScores.of(tokens, scoring, 0)).containsKey("class_result.mean_entropy");
    }

    @Test
    void noTokensHaveNoScores() {
        assertThat(BatchScores.of(List.of(), Scoring.DEFAULT, -1)).isEmpty();
    }
}
