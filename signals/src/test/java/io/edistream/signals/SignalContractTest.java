package io.edistream.signals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.signals.batch.BatchScores;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What every signal of the catalogue owes, with and without a tracked class, whatever a token lacks. */
class SignalContractTest {

    private static final Scoring TRACKING = Scoring.DEFAULT.withTrackedClass("result");
    private static final Token NOTHING = Token.ofEntropy(Token.UNMEASURED);

    /**
     * A scoring, and what its tracked class is in the sequence.
     *
     * @param trackedClass index of the class
     */
    record Setup(Scoring scoring, int trackedClass) {
        SequenceSignals start() {
            return new Catalogue(scoring).start(trackedClass);
        }

        Map<String, Double> batch(List<Token> tokens) {
            return BatchScores.of(tokens, scoring, trackedClass);
        }
    }

    static Stream<Setup> setups() {
        return Stream.of(
                new Setup(Scoring.DEFAULT, Catalogue.NO_CLASS),
                new Setup(TRACKING, 1),
                new Setup(TRACKING, 0),
                new Setup(TRACKING, Catalogue.NO_CLASS),
                new Setup(new Scoring(1, 0, 0, "column"), 2),
                new Setup(new Scoring(Burst.MAX_WINDOW_TOKENS, 0.5, 0.8, "absent"), Token.MAX_CLASS));
    }

    static Stream<Arguments> seededSequences() {
        return setups().flatMap(setup -> Stream.of(1, 2, 7, 8, 9, 31, 32, 33, 64, 65, 300)
                .flatMap(length -> Stream.of(
                        Arguments.of(setup, Sequences.random(31L * length, length)),
                        Arguments.of(setup, Sequences.withHoles(37L * length, length, 0.02)),
                        Arguments.of(setup, Sequences.withHoles(41L * length, length, 0.3)))));
    }

    @ParameterizedTest
    @MethodSource("seededSequences")
    void streamingEqualsBatchOnEveryPrefixBitForBit(Setup setup, List<Token> tokens) {
        SequenceSignals streaming = setup.start();
        for (int length = 1; length <= tokens.size(); length++) {
            streaming.add(tokens.get(length - 1), SpikeListener.NONE);
            assertThat(streaming.scores())
                    .as("after %d tokens", length)
                    .containsExactlyEntriesOf(setup.batch(tokens.subList(0, length)));
        }
    }

    @ParameterizedTest
    @MethodSource("seededSequences")
    void restoredInTheMiddleItGoesOnAsIfNothingHadHappened(Setup setup, List<Token> tokens) {
        SequenceSignals uninterrupted = setup.start();
        SequenceSignals interrupted = setup.start();
        for (Token token : tokens) {
            uninterrupted.add(token, SpikeListener.NONE);
            interrupted = restore(interrupted.catalogue(), store(interrupted));
            interrupted.add(token, SpikeListener.NONE);
            assertThat(interrupted.scores()).isEqualTo(uninterrupted.scores());
            assertThat(interrupted.measured()).isEqualTo(uninterrupted.measured());
        }
        assertThat(store(interrupted)).isEqualTo(store(uninterrupted));
    }

    @ParameterizedTest
    @MethodSource("seededSequences")
    void tokensAreCountedAndThoseWithoutAnEntropyToo(Setup setup, List<Token> tokens) {
        SequenceSignals signals = setup.start();
        tokens.forEach(token -> signals.add(token, SpikeListener.NONE));
        int holes = (int) tokens.stream().filter(token -> !token.hasEntropy()).count();
        assertThat(signals.tokens()).isEqualTo(tokens.size());
        assertThat(signals.unmeasured()).isEqualTo(holes);
        assertThat(signals.measured()).isEqualTo(tokens.size() - holes);
    }

    @ParameterizedTest
    @MethodSource("setups")
    void whollyUnmeasuredTokensChangeNoScore(Setup setup) {
        SequenceSignals signals = setup.start();
        signals.add(NOTHING, SpikeListener.NONE);
        assertThat(signals.scores()).isEmpty();
        SequenceSignals without = setup.start();
        for (Token token : Sequences.random(11, 100)) {
            signals.add(token, SpikeListener.NONE);
            signals.add(
                    new Token(NOTHING.entropyNats(), NOTHING.upperNats(), -9999, NOTHING.confidence(), 1), failing());
            without.add(token, SpikeListener.NONE);
            assertThat(signals.scores()).isEqualTo(without.scores());
        }
        assertThat(signals.unmeasured()).isEqualTo(101);
    }

    private static SpikeListener failing() {
        return (kind, entropy, baseline, threshold) -> {
            throw new AssertionError(kind + " without an entropy");
        };
    }

    @ParameterizedTest
    @MethodSource("setups")
    void stateStopsGrowing(Setup setup) {
        SequenceSignals signals = setup.start();
        List<Token> tokens = Sequences.withHoles(5, 20_000, 0.1);
        tokens.subList(0, 10_000).forEach(token -> signals.add(token, SpikeListener.NONE));
        int size = store(signals).length;
        tokens.subList(10_000, 20_000).forEach(token -> signals.add(token, SpikeListener.NONE));
        // Counts take one byte more when they pass 16,383; there are at most eight such counts in a track.
        assertThat(store(signals).length).isBetween(size, size + 16);
    }

    @Test
    void stateIsSmallAndGapsAndHolesThatAreNotThereTakeOneByteEach() {
        SequenceSignals signals = new Catalogue(Scoring.DEFAULT).start(Catalogue.NO_CLASS);
        Sequences.random(5, 1000).forEach(token -> signals.add(token, SpikeListener.NONE));
        // Two windows of 9 and 32 floats, a minimum; seven doubles; counts of tokens, bursts, rebounds and spikes of
        // two
        // bytes; three counts of holes and one of gaps.
        assertThat(store(signals)).hasSize((9 + 32 + 1) * 4 + 7 * 8 + 4 * 2 + 3 + 1);
    }

    @ParameterizedTest
    @MethodSource("setups")
    void hasNoScoreBeforeTheFirstToken(Setup setup) {
        SequenceSignals signals = setup.start();
        assertThat(signals.scores()).isEmpty();
        assertThat(restore(signals.catalogue(), store(signals)).scores()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("setups")
    void namesAreUniqueAndFitForLabels(Setup setup) {
        assertThat(new Catalogue(setup.scoring()).names())
                .doesNotHaveDuplicates()
                .allMatch(name -> name.matches("(class_[A-Za-z0-9_-]+\\.)?[a-z][a-z_]*"));
    }

    @Test
    void everySignalHasAScoreOnceTheFirstTokenIsIn() {
        SequenceSignals signals = new Catalogue(TRACKING).start(1);
        signals.add(new Token(1, 2, -1, 2, 1), SpikeListener.NONE);
        assertThat(signals.scores()).containsOnlyKeys(signals.catalogue().names());
    }

    @Test
    void whatTheTokensLackIsAbsentAndNotZero() {
        SequenceSignals signals = new Catalogue(Scoring.DEFAULT).start(Catalogue.NO_CLASS);
        signals.add(Token.ofEntropy(1), SpikeListener.NONE);
        assertThat(signals.scores())
                .containsOnlyKeys(
                        "edis",
                        "burst",
                        "rebound",
                        "entropy_variance",
                        "mean_entropy",
                        "sequence_entropy",
                        "spike_count",
                        "largest_windowed_entropy");
    }

    @Test
    void confidencesAndLogprobsHaveTheirSignalsWithoutAnyEntropy() {
        SequenceSignals signals = new Catalogue(Scoring.DEFAULT).start(Catalogue.NO_CLASS);
        signals.add(new Token(Token.UNMEASURED, Token.UNMEASURED, 0, 5, 0), SpikeListener.NONE);
        assertThat(signals.scores())
                .containsOnly(
                        Map.entry("perplexity", 1.0),
                        Map.entry("token_confidence", 5.0),
                        Map.entry("lowest_group_confidence", 5.0),
                        Map.entry("tail_confidence", 5.0));
        assertThat(signals.measured()).isZero();
    }

    @Test
    void scoresThatLeaveTheRangeOfNumbersAreAbsent() {
        List<Token> tokens = DoubleStream.of(1e308, 0, 1e308)
                .mapToObj(entropy -> new Token(entropy, 1.7e308, Token.UNMEASURED, Token.UNMEASURED, 0))
                .toList();
        SequenceSignals signals = new Catalogue(Scoring.DEFAULT).start(Catalogue.NO_CLASS);
        tokens.forEach(token -> signals.add(token, SpikeListener.NONE));

        // The gaps are .7, 1.7 and .7e308, the sum of the entropies is 2e308, and the largest number is 1.8e308. The
        // mean
        // of the first two tokens is half of 1e308; that of all is beyond, and the largest so far stays so.
        assertThat(signals.scores())
                .containsOnlyKeys("burst", "rebound", "spike_count")
                .isEqualTo(BatchScores.of(tokens, Scoring.DEFAULT, Catalogue.NO_CLASS));
        assertThat(signals.score(signals.catalogue().indexOf("sequence_entropy")))
                .isNaN();
    }

    @Test
    void aTokenOfAnotherClassLeavesTheClassSignalsAlone() {
        SequenceSignals signals = new Catalogue(TRACKING).start(1);
        signals.add(new Token(3, Token.UNMEASURED, -1, 2, 1), SpikeListener.NONE);
        signals.add(new Token(0, Token.UNMEASURED, -2, 9, 2), SpikeListener.NONE);
        assertThat(signals.scores())
                .containsEntry("class_result.mean_entropy", 3.0)
                .containsEntry("mean_entropy", 1.5);
    }

    @Test
    void theClassIsWhatTheStartOfTheSequenceSays() {
        Catalogue catalogue = new Catalogue(TRACKING);
        List<Token> tokens = List.of(new Token(3, 3, -1, 2, 1), new Token(1, 1, -1, 2, 2));
        assertThat(classMean(catalogue.start(1), tokens)).isEqualTo(3);
        assertThat(classMean(catalogue.start(2), tokens)).isEqualTo(1);
        assertThat(classMean(catalogue.start(0), tokens)).isNaN();
        assertThat(classMean(catalogue.start(Catalogue.NO_CLASS), tokens)).isNaN();
    }

    private static double classMean(SequenceSignals signals, List<Token> tokens) {
        tokens.forEach(token -> signals.add(token, SpikeListener.NONE));
        return signals.score(signals.catalogue().indexOf("class_result.mean_entropy"));
    }

    @Test
    void valuesThatEventsCannotCarryAreNotStored() {
        SequenceSignals signals = new Catalogue(Scoring.DEFAULT).start(Catalogue.NO_CLASS);
        signals.add(Token.ofEntropy(0.1), SpikeListener.NONE);
        assertThatThrownBy(() -> signals.write(new StateOutput(new DataOutputStream(new ByteArrayOutputStream()))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("32-bit precision");
    }

    @Test
    void damagedStateIsNoticed() {
        damaged(Scoring.DEFAULT, "a count is out of range", -1, -1, -1, -1, -1, 0);
        damaged(Scoring.DEFAULT, "more unmeasured tokens than tokens", 3, 4);
        damaged(TRACKING, "token class 128", -127, 1);
    }

    private static void damaged(Scoring scoring, String message, int... stored) {
        byte[] bytes = new byte[stored.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) stored[i];
        }
        StateInput in = new StateInput(new DataInputStream(new ByteArrayInputStream(bytes)));
        assertThatThrownBy(() -> new Catalogue(scoring).restore(in))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged")
                .hasMessageContaining(message);
    }

    private static byte[] store(SequenceSignals signals) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            signals.write(new StateOutput(new DataOutputStream(bytes)));
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static SequenceSignals restore(Catalogue catalogue, byte[] stored) {
        try {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(stored));
            SequenceSignals signals = catalogue.restore(new StateInput(in));
            assertThat(in.available()).isZero();
            return signals;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
