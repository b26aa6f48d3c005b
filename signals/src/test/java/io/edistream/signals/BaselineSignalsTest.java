package io.edistream.signals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Worked examples of the signals beside EDIS, by hand. */
class BaselineSignalsTest {

    private static final double ROUNDING = 1e-12;

    @Test
    void meanAndSequenceEntropy() {
        assertThat(score("mean_entropy", Sequences.ofEntropies(1, 2, 6))).isEqualTo(3);
        assertThat(score("sequence_entropy", Sequences.ofEntropies(1, 2, 6))).isEqualTo(9);
    }

    @Test
    void spikesCountChangesUpAndDownAboveTheThreshold() {
        assertThat(score("spike_count", Sequences.ofEntropies(0, 1, 0, 0.5, 1, 0.25)))
                .isEqualTo(3);
        assertThat(score("spike_count", Sequences.ofEntropies(0, 0.7))).isEqualTo(0);
    }

    @Test
    void perplexityIsTheInverseGeometricMeanOfTheProbabilities() {
        double probabilityHalf = Math.log(0.5);
        double probabilityEighth = Math.log(0.125);
        List<Token> tokens = List.of(
                new Token(0, Token.UNMEASURED, probabilityHalf, 0, 0),
                new Token(0, Token.UNMEASURED, probabilityEighth, 0, 0));
        assertThat(score("perplexity", tokens)).isCloseTo(4, within(ROUNDING));
    }

    @Test
    void perplexitySkipsTokensOfWhichNothingIsKnown() {
        List<Token> tokens = List.of(
                new Token(0, Token.UNMEASURED, Math.log(0.5), 0, 0),
                Token.ofEntropy(Token.UNMEASURED),
                // Its log-probability is known though its entropy is not.
                new Token(Token.UNMEASURED, Token.UNMEASURED, Math.log(0.125), Token.UNMEASURED, 0));
        assertThat(score("perplexity", tokens)).isCloseTo(4, within(ROUNDING));
    }

    @Test
    void perplexityIsAbsentOnceAMeasuredTokenHasNoLogprob() {
        List<Token> tokens = new ArrayList<>(List.of(new Token(0, Token.UNMEASURED, Math.log(0.5), 0, 0)));
        assertThat(score("perplexity", tokens)).isCloseTo(2, within(ROUNDING));
        tokens.add(new Token(1, Token.UNMEASURED, -9999, 0, 0));
        assertThat(score("perplexity", tokens)).isNaN();
        tokens.add(new Token(0, Token.UNMEASURED, Math.log(0.5), 0, 0));
        assertThat(score("perplexity", tokens)).isNaN();
    }

    @Test
    void entropyGapIsTheMeanWidthOfTheBoundsThatAreKnown() {
        List<Token> tokens = List.of(bounded(1, 1.5), bounded(2, 4.5), Token.ofEntropy(3), bounded(0, 0));
        assertThat(score("entropy_gap", tokens)).isEqualTo(1);
        assertThat(score("entropy_gap", Sequences.ofEntropies(1, 2))).isNaN();
    }

    private static Token bounded(double lowerNats, double upperNats) {
        return new Token(lowerNats, upperNats, Token.UNMEASURED, Token.UNMEASURED, 0);
    }

    @Test
    void largestWindowedEntropyTakesFullWindowsOnceThereAreAny() {
        assertThat(score("largest_windowed_entropy", Sequences.ofEntropies(4, 0)))
                .isEqualTo(2);
        assertThat(score("largest_windowed_entropy", Sequences.ofEntropies(8, 0, 0, 0, 0, 0, 0, 0)))
                .isEqualTo(1);
        assertThat(score("largest_windowed_entropy", Sequences.ofEntropies(8, 0, 0, 0, 0, 0, 0, 0, 16, 0)))
                .isEqualTo(2);
    }

    @Test
    void tokenConfidenceIsTheMean() {
        assertThat(score("token_confidence", confidences(List.of(2.0, 4.0, 9.0))))
                .isEqualTo(5);
    }

    @Test
    void groupConfidenceIsTheLowestFullGroupAndTheTailIsTheLast() {
        List<Token> dip = new ArrayList<>();
        dip.addAll(confidences(Collections.nCopies(32, 10.0)));
        dip.addAll(confidences(Collections.nCopies(16, 2.0)));
        dip.addAll(confidences(Collections.nCopies(32, 8.0)));
        // 16 tokens of 2 with 16 of 10 make 6, with 16 of 8 make 5.
        assertThat(score("lowest_group_confidence", dip)).isEqualTo(5);
        assertThat(score("tail_confidence", dip)).isEqualTo(8);
        assertThat(score("lowest_group_confidence", confidences(List.of(2.0, 4.0))))
                .isEqualTo(3);
    }

    private static List<Token> confidences(List<Double> values) {
        return values.stream()
                .map(value -> new Token(0, Token.UNMEASURED, 0, value, 0))
                .toList();
    }

    private static double score(String name, List<Token> tokens) {
        Catalogue catalogue = new Catalogue(Scoring.DEFAULT);
        SequenceSignals signals = catalogue.start(Catalogue.NO_CLASS);
        tokens.forEach(token -> signals.add(token, SpikeListener.NONE));
        return signals.score(catalogue.indexOf(name));
    }
}
