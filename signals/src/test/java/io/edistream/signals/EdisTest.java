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
        SignalOptions options = new SignalOptions(window, 1.36, 1.33, 0);
        for (Map<String, Double> scores : List.of(streamed(EXAMPLE, options), BatchScores.of(EXAMPLE, options))) {
            assertThat(scores.get("burst")).isEqualTo(bursts);
            assertThat(scores.get("rebound")).isEqualTo(3);
            assertThat(scores.get("mean_entropy")).isCloseTo(0.7, within(ROUNDING));
            assertThat(scores.get("entropy_variance")).isCloseTo(1.21, within(ROUNDING));
            assertThat(scores.get("edis")).isCloseTo(edis, within(ROUNDING));
        }
    }

    @Test
    void aRiseOfExactlyTheThresholdDoesNotCount() {
        SignalOptions options = new SignalOptions(1, 0.5, 0.5, 0);
        assertThat(streamed(Sequences.ofEntropies(1, 1.5), options))
                .containsEntry("burst", 0.0)
                .containsEntry("rebound", 0.0);
        assertThat(streamed(Sequences.ofEntropies(1, Math.nextUp(1.5)), options))
                .containsEntry("burst", 1.0)
                .containsEntry("rebound", 1.0);
    }

    @Test
    void theFirstTokenIsNoReboundAndABurstNeedsAFullWindow() {
        SignalOptions options = new SignalOptions(2, 1, 1, 0);
        assertThat(streamed(Sequences.ofEntropies(9), options)).containsEntry("rebound", 0.0);
        assertThat(streamed(Sequences.ofEntropies(0, 9), options))
                .containsEntry("rebound", 1.0)
                .containsEntry("burst", 0.0);
        assertThat(streamed(Sequences.ofEntropies(0, 9, 9), options)).containsEntry("burst", 1.0);
    }

    @Test
    void itCanFallWhileASequenceRuns() {
        SignalOptions options = SignalOptions.DEFAULT;
        List<Token> tokens = new ArrayList<>(Sequences.ofEntropies(0, 3));
        double early = streamed(tokens, options).get("edis");
        tokens.addAll(Sequences.ofEntropies(0, 0, 0, 0));
        assertThat(streamed(tokens, options).get("edis")).isLessThan(early);
    }

    @Test
    void everySpikeIsReportedWithItsRise() {
        List<String> spikes = new ArrayList<>();
        SequenceSignals signals = new Catalogue(new SignalOptions(2, 1.36, 1.33, 0)).start();
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

    private static Map<String, Double> streamed(List<Token> tokens, SignalOptions options) {
        SequenceSignals signals = new Catalogue(options).start();
        tokens.forEach(token -> signals.add(token, SpikeListener.NONE));
        return signals.scores();
    }
}
