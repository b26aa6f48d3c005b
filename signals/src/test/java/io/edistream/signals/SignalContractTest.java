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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What every signal of the catalogue owes, with and without a tracked class. */
class SignalContractTest {

    private static final List<SignalOptions> OPTIONS = List.of(
            SignalOptions.DEFAULT,
            SignalOptions.DEFAULT.withTrackedClass(1),
            new SignalOptions(1, 0, 0, 2),
            new SignalOptions(Burst.MAX_WINDOW_TOKENS, 0.5, 0.8, 127));

    static Stream<Arguments> seededSequences() {
        return OPTIONS.stream().flatMap(options -> Stream.of(1, 2, 7, 8, 9, 31, 32, 33, 64, 65, 300)
                .map(length -> Arguments.of(options, Sequences.random(31L * length, length))));
    }

    static Stream<SignalOptions> options() {
        return OPTIONS.stream();
    }

    @ParameterizedTest
    @MethodSource("seededSequences")
    void streamingEqualsBatchOnEveryPrefixBitForBit(SignalOptions options, List<Token> tokens) {
        SequenceSignals streaming = new Catalogue(options).start();
        for (int length = 1; length <= tokens.size(); length++) {
            streaming.add(tokens.get(length - 1), SpikeListener.NONE);
            assertThat(streaming.scores())
                    .as("after %d tokens", length)
                    .containsExactlyEntriesOf(BatchScores.of(tokens.subList(0, length), options));
        }
    }

    @ParameterizedTest
    @MethodSource("seededSequences")
    void restoredInTheMiddleItGoesOnAsIfNothingHadHappened(SignalOptions options, List<Token> tokens) {
        Catalogue catalogue = new Catalogue(options);
        SequenceSignals uninterrupted = catalogue.start();
        SequenceSignals interrupted = catalogue.start();
        for (Token token : tokens) {
            uninterrupted.add(token, SpikeListener.NONE);
            interrupted = restore(catalogue, store(interrupted));
            interrupted.add(token, SpikeListener.NONE);
            assertThat(interrupted.scores()).isEqualTo(uninterrupted.scores());
        }
        assertThat(store(interrupted)).isEqualTo(store(uninterrupted));
    }

    @ParameterizedTest
    @MethodSource("options")
    void stateStopsGrowing(SignalOptions options) {
        SequenceSignals signals = new Catalogue(options).start();
        List<Token> tokens = Sequences.random(5, 20_000);
        tokens.subList(0, 10_000).forEach(token -> signals.add(token, SpikeListener.NONE));
        int size = store(signals).length;
        tokens.subList(10_000, 20_000).forEach(token -> signals.add(token, SpikeListener.NONE));
        // Counts take one byte more when they pass 16,383; there are at most four such counts in a track.
        assertThat(store(signals).length).isBetween(size, size + 8);
    }

    /** Without this, a release that has lost the signal could not pass over its state. */
    @ParameterizedTest
    @MethodSource("options")
    void storesTheSameKindsOfNumbersAfterEveryToken(SignalOptions options) throws IOException {
        Catalogue catalogue = new Catalogue(options);
        TokenWindow window = new TokenWindow(
                catalogue.layout().entropyLookback(), catalogue.layout().confidenceLookback());
        Accumulator[] accumulators = catalogue.newAccumulators();
        for (Token token : Sequences.random(9, 300)) {
            window.push(token);
            for (int i = 0; i < accumulators.length; i++) {
                accumulators[i].add(window, SpikeListener.NONE);
                assertThat(StateFields.of(accumulators[i]))
                        .isEqualTo(catalogue.layout().slots().get(i).fields());
            }
        }
    }

    /** The text of a record holds its whole configuration, by which stored state is known again. */
    @ParameterizedTest
    @MethodSource("options")
    void isARecord(SignalOptions options) {
        assertThat(new Catalogue(options).signals())
                .allMatch(signal -> signal.getClass().isRecord());
    }

    @ParameterizedTest
    @MethodSource("options")
    void hasNoScoreBeforeTheFirstToken(SignalOptions options) {
        SequenceSignals signals = new Catalogue(options).start();
        assertThat(signals.scores()).isEmpty();
        assertThat(restore(signals.catalogue(), store(signals)).scores()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("options")
    void namesAreUniqueAndFitForLabels(SignalOptions options) {
        assertThat(new Catalogue(options).names())
                .doesNotHaveDuplicates()
                .allMatch(name -> name.matches("(class_[0-9]+\\.)?[a-z][a-z_]*"));
    }

    @Test
    void everySignalHasAScoreOnceTheFirstTokenIsIn() {
        Catalogue catalogue = new Catalogue(SignalOptions.DEFAULT.withTrackedClass(1));
        SequenceSignals signals = catalogue.start();
        signals.add(new Token(1, -1, 2, 1), SpikeListener.NONE);
        assertThat(signals.scores()).containsOnlyKeys(catalogue.names());
    }

    @Test
    void whatTheTokensLackIsAbsentAndNotZero() {
        SequenceSignals signals = new Catalogue(SignalOptions.DEFAULT).start();
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
    void aTokenOfAnotherClassLeavesTheClassSignalsAlone() {
        SequenceSignals signals = new Catalogue(SignalOptions.DEFAULT.withTrackedClass(1)).start();
        signals.add(new Token(3, -1, 2, 1), SpikeListener.NONE);
        Map<String, Double> before = signals.scores();
        signals.add(new Token(0, -2, 9, 2), SpikeListener.NONE);
        assertThat(signals.scores())
                .containsEntry("class_1.mean_entropy", before.get("class_1.mean_entropy"))
                .containsEntry("mean_entropy", 1.5);
    }

    @Test
    void valuesThatEventsCannotCarryAreNotStored() {
        SequenceSignals signals = new Catalogue(SignalOptions.DEFAULT).start();
        signals.add(Token.ofEntropy(0.1), SpikeListener.NONE);
        assertThatThrownBy(() -> signals.write(new StateOutput(new DataOutputStream(new ByteArrayOutputStream()))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("32-bit precision");
    }

    @Test
    void damagedCountsAreNoticed() {
        byte[] tooLong = {-1, -1, -1, -1, -1, 0};
        assertThatThrownBy(() -> new StateInput(new DataInputStream(new ByteArrayInputStream(tooLong))).readCount())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged");
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
            SequenceSignals signals = catalogue.start();
            signals.read(new StateInput(in));
            assertThat(in.available()).isZero();
            return signals;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
