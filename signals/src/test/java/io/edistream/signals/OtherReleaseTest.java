package io.edistream.signals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.signals.StateLayout.Slot;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sequences that go on under releases with other signals than the one that they were started by. */
class OtherReleaseTest {

    private static final SignalOptions OPTIONS = SignalOptions.DEFAULT.withTrackedClass(1);
    private static final List<Token> TOKENS = Sequences.random(3, 200);

    /** The release that the sequences start under. */
    private static final List<Signal> FIRST = List.of(
            new Edis(new Burst(4, 1), new Rebound(0.5)),
            new Burst(4, 1),
            new Rebound(0.5),
            new SpikeCount(0.7),
            new LowestGroupConfidence(16),
            new SequenceEntropy());

    /** Perplexity and mean entropy are new, the confidence is gone, spikes and bursts are counted otherwise. */
    private static final List<Signal> SECOND = List.of(
            new Edis(new Burst(60, 1), new Rebound(0.5)),
            new Perplexity(),
            new SpikeCount(0.5),
            new MeanEntropy(),
            new SequenceEntropy(),
            new Rebound(0.5),
            new Burst(60, 1));

    private static final Set<String> KNOWN_TO_BOTH = Set.of(
            "sequence_entropy",
            "rebound",
            "mean_entropy",
            "class_1.sequence_entropy",
            "class_1.rebound",
            "class_1.mean_entropy");

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 17, 150})
    void whatBothMeasureGoesOnAndTheRestIsAbsentToTheEnd(int cut) throws IOException {
        Catalogue second = new Catalogue(OPTIONS, SECOND);
        SequenceSignals uninterrupted = second.start();
        add(uninterrupted, 0, cut);
        SequenceSignals first = new Catalogue(OPTIONS, FIRST).start();
        add(first, 0, cut);

        SequenceSignals continued = continued(first, second);
        for (int i = cut; i < TOKENS.size(); i++) {
            add(uninterrupted, i, i + 1);
            add(continued, i, i + 1);
            // It may be stored and restored as often as it likes.
            continued = continued(continued, second);
        }

        Map<String, Double> expected = uninterrupted.scores();
        expected.keySet().retainAll(KNOWN_TO_BOTH);
        assertThat(continued.scores()).isEqualTo(expected);
        assertThat(continued.tokens()).isEqualTo(TOKENS.size());
    }

    @Test
    void anUnknownBurstCountTellsOfNoBursts() throws IOException {
        SequenceSignals first = new Catalogue(OPTIONS, FIRST).start();
        add(first, 0, 100);
        List<SpikeListener.Kind> spikes = new ArrayList<>();
        SequenceSignals continued = continued(first, new Catalogue(OPTIONS, SECOND));

        TOKENS.subList(100, 200)
                .forEach(token -> continued.add(token, (kind, entropy, baseline, threshold) -> spikes.add(kind)));

        assertThat(spikes).isNotEmpty().containsOnly(SpikeListener.Kind.REBOUND);
    }

    @Test
    void whatWasGoneForAReleaseStaysGone() throws IOException {
        SequenceSignals signals = new Catalogue(OPTIONS, FIRST).start();
        add(signals, 0, 50);
        signals = continued(signals, new Catalogue(OPTIONS, SECOND));
        add(signals, 50, 51);
        signals = continued(signals, new Catalogue(OPTIONS, FIRST));
        add(signals, 51, 200);

        assertThat(signals.scores().keySet())
                .containsExactly("rebound", "sequence_entropy", "class_1.rebound", "class_1.sequence_entropy");
    }

    @Test
    void aSequenceThatStartsUnderTheNewReleaseHasAllItsSignals() {
        SequenceSignals fresh = new Catalogue(OPTIONS, SECOND).start();
        add(fresh, 0, 200);

        assertThat(fresh.scores()).containsOnlyKeys(fresh.catalogue().names());
    }

    @Test
    void aDerivedSignalIsNoPartOfTheLayoutAndHasItsScoreAtOnce() throws IOException {
        List<Signal> more = new ArrayList<>(FIRST);
        more.add(new MeanEntropy());
        Catalogue withMean = new Catalogue(OPTIONS, more);
        SequenceSignals first = new Catalogue(OPTIONS, FIRST).start();
        add(first, 0, 100);

        SequenceSignals continued = continued(first, withMean);

        assertThat(withMean.layout()).isEqualTo(first.catalogue().layout());
        assertThat(continued.scores()).containsOnlyKeys(withMean.names()).containsAllEntriesOf(first.scores());
        assertThat(continued.scores().get("mean_entropy"))
                .isEqualTo(first.scores().get("sequence_entropy") / 100);
    }

    @Test
    void aSignalsPlaceIsItsOwnOnlyWithTheSameNameConfigurationLookbackAndFields() {
        Slot own = Slot.of(new SpikeCount(0.7));

        assertThat(own).isEqualTo(new Slot("spike_count SpikeCount[thresholdNats=0.7]", 1, 0, "c"));
        for (Slot other : List.of(
                Slot.of(new SpikeCount(0.71)),
                new Slot("spikes SpikeCount[thresholdNats=0.7]", 1, 0, "c"),
                new Slot(own.signal(), 2, 0, "c"),
                new Slot(own.signal(), 1, 1, "c"),
                new Slot(own.signal(), 1, 0, "d"))) {
            assertThat(new StateLayout(List.of(other))
                            .keeping(List.of(new SpikeCount(0.7)))
                            .slots())
                    .extracting(Slot::signal)
                    .containsExactly("");
        }
    }

    @Test
    void theLayoutComesBackAsItWas() throws IOException {
        StateLayout layout = new Catalogue(OPTIONS, FIRST)
                .of(new Catalogue(OPTIONS, SECOND).layout())
                .layout();

        assertThat(layout.slots()).extracting(Slot::signal).contains("", "rebound Rebound[thresholdNats=0.5]");
        assertThat(stored(layout)).isEqualTo(layout);
    }

    @Test
    void aKindOfNumberThatNobodyCanPassOverIsRefused() {
        assertThatThrownBy(() -> stored(new StateLayout(List.of(new Slot("later Later[]", 0, 0, "dx")))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("signal 'later Later[]' was stored as 'dx': this release reads [cdf]*");
    }

    /** The sequence as another release restores it. */
    private static SequenceSignals continued(SequenceSignals signals, Catalogue release) throws IOException {
        StateLayout layout = stored(signals.catalogue().layout());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        signals.write(new StateOutput(new DataOutputStream(bytes)));
        SequenceSignals continued = release.of(layout).start();
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
        continued.read(new StateInput(in));
        assertThat(in.available()).isZero();
        return continued;
    }

    private static StateLayout stored(StateLayout layout) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        layout.write(new DataOutputStream(bytes));
        return StateLayout.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    }

    private static void add(SequenceSignals signals, int from, int to) {
        TOKENS.subList(from, to).forEach(token -> signals.add(token, SpikeListener.NONE));
    }
}
