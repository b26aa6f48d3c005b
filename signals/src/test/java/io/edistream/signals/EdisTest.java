package io.edistream.signals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.edistream.signals.batch.BatchScores;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The worked example, computed by hand from the definitions of arXiv 2602.01288. */
class EdisTest {

    private static final double ROUNDING = 1e-12;
    private static final List<Token> EXAMPLE = Sequences.ofEntropies(0, 2, 0, 0, 3, 0, 0, 0, 0, 2);

    @ParameterizedTest
    @CsvSource({"1, 3, 6.63", "2, 2, 5.525", "3, 1, 4.42", "8, 0, 3.315"})
    void scoresTheWorkedExample(int window, int bursts, double edis) {
        Scoring scoring = new Scoring(window, 1.36, 1.33, Scoring.NO_CLASS);
        for (Map<String, Double> scores :
                List.of(streamed(EXAMPLE, scoring), BatchScores.of(EXAMPLE, scoring, Catalogue.NO_CLASS))) {
            assertThat(scores.get("burst")).isEqualTo(bursts);
            assertThat(scores.get("rebound")).isEqualTo(3);
            assertThat(scores.get("mean_entropy")).isCloseTo(0.7, within(ROUNDING));
            assertThat(scores.get("entropy_variance")).isCloseTo(1.21, within(ROUNDING));
            assertThat(scores.get("edis")).isCloseTo(edis, within(ROUNDING));
        }
    }

    @Test
    void aRiseOfExactlyTheThresholdDoesNotCount() {
        Scoring scoring = new Scoring(1, 0.5, 0.5, Scoring.NO_CLASS);
        assertThat(streamed(Sequences.ofEntropies(1, 1.5), scoring))
                .containsEntry("burst", 0.0)
                .containsEntry("rebound", 0.0);
        assertThat(streamed(Sequences.ofEntropies(1, Math.nextUp(1.5)), scoring))
                .containsEntry("burst", 1.0)
                .containsEntry("rebound", 1.0);
    }

    @Test
    void theFirstTokenIsNoReboundAndABurstNeedsAFullWindow() {
        Scoring scoring = new Scoring(2, 1, 1, Scoring.NO_CLASS);
        assertThat(streamed(Sequences.ofEntropies(9), scoring)).containsEntry("rebound", 0.0);
        assertThat(streamed(Sequences.ofEntropies(0, 9), scoring))
                .containsEntry("rebound", 1.0)
                .containsEntry("burst", 0.0);
        assertThat(streamed(Sequences.ofEntropies(0, 9, 9), scoring)).containsEntry("burst", 1.0);
    }

    @Test
    void unmeasuredTokensAreStrangersToIt() {
        List<Token> holes = new ArrayList<>();
        for (Token token : EXAMPLE) {
            holes.add(Token.ofEntropy(Token.UNMEASURED));
            holes.add(token);
        }
        Scoring scoring = new Scoring(2, 1.36, 1.33, Scoring.NO_CLASS);
        assertThat(streamed(holes, scoring)).isEqualTo(streamed(EXAMPLE, scoring));
        assertThat(BatchScores.of(holes, scoring, Catalogue.NO_CLASS)).isEqualTo(streamed(EXAMPLE, scoring));
    }

    @Test
    void itCanFallWhileASequenceRuns() {
        Scoring scoring = Scoring.DEFAULT;
        List<Token> tokens = new ArrayList<>(Sequences.ofEntropies(0, 3));
        double early = streamed(tokens, scoring).get("edis");
        tokens.addAll(Sequences.ofEntropies(0, 0, 0, 0));
        assertThat(streamed(tokens, scoring).get("edis")).isLessThan(early);
    }

    @Test
    void everySpikeIsReportedWithItsRise() {
        List<String> spikes = new ArrayList<>();
        SequenceSignals signals = new Catalogue(new Scoring(2, 1.36, 1.33, Scoring.NO_CLASS)).start(Catalogue.NO_CLASS);
        for (int i = 0; i < EXAMPLE.size(); i++) {
            int token = i;
            signals.add(
                    EXAMPLE.get(i),
                    (kind, entropy, baseline, threshold) ->
                            spikes.add(token + " " + kind + " " + baseline + " to " + entropy + " over " + threshold));
        }
        assertThat(spikes)
                .containsExactlyInAnyOrder(
                        "1 REBOUND 0.0 to 2.0 over 1.33",
                        "4 BURST 0.0 to 3.0 over 1.36",
                        "4 REBOUND 0.0 to 3.0 over 1.33",
                        "9 BURST 0.0 to 2.0 over 1.36",
                        "9 REBOUND 0.0 to 2.0 over 1.33");
    }

    private static Map<String, Double> streamed(List<Token> tokens, Scoring scoring) {
        SequenceSignals signals = new Catalogue(scoring).start(Catalogue.NO_CLASS);
        tokens.forEach(token -> signals.add(token, SpikeListener.NONE));
        return signals.scores();
    }
}
