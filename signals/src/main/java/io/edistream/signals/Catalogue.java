package io.edistream.signals;

import io.edistream.signals.StateLayout.Slot;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Every signal that is computed for every sequence. A new signal is one more line in {@link #signals(SignalOptions)}.
 *
 * <p>A sequence that another release started may lack what a signal of this one needs to know of its first tokens. The
 * signal then has no score for that sequence until it ends, as have those that are derived from it.
 *
 * <p>Immutable; one instance serves all sequences that were started with the same options and the same signals.
 */
public final class Catalogue {

    private static final Evaluation NO_SCORE = (window, accumulators) -> Double.NaN;

    private final SignalOptions options;
    private final List<Signal> signals;
    private final StateLayout layout;
    private final List<Supplier<Accumulator>> accumulators;
    private final List<String> names;
    private final Map<String, Integer> indices;
    private final List<Evaluation> evaluations;
    private final int entropyLookback;
    private final int confidenceLookback;

    /** The catalogue with these options. */
    public Catalogue(SignalOptions options) {
        this(options, signals(options));
    }

    /**
     * A catalogue of other signals, for instance another release's.
     *
     * @param options only their tracked class matters; the signals bring their own configuration
     */
    public Catalogue(SignalOptions options, List<Signal> signals) {
        this(options, signals, StateLayout.of(measured(signals)));
    }

    private Catalogue(SignalOptions options, List<Signal> signals, StateLayout layout) {
        this.options = options;
        this.signals = List.copyOf(signals);
        this.layout = layout;
        this.accumulators = accumulators(layout, measured(signals));
        this.evaluations = signals.stream().map(this::evaluation).toList();
        this.names = names(options, signals);
        this.indices = IntStream.range(0, names.size()).boxed().collect(Collectors.toMap(names::get, i -> i));
        this.entropyLookback = layout.entropyLookback();
        this.confidenceLookback = layout.confidenceLookback();
    }

    /**
     * The same signals for sequences whose state has the given layout, which another release may have written. Signals
     * that are not in it, by name, configuration and fields, have no score.
     */
    public Catalogue of(StateLayout stored) {
        return new Catalogue(options, signals, stored.keeping(measured(signals)));
    }

    private static List<Signal> signals(SignalOptions options) {
        Burst burst = new Burst(options.burstWindowTokens(), options.burstThresholdNats());
        Rebound rebound = new Rebound(options.reboundThresholdNats());
        return List.of(
                new Edis(burst, rebound),
                burst,
                rebound,
                new EntropyVariance(),
                new MeanEntropy(),
                new SequenceEntropy(),
                SpikeCount.DEFAULT,
                LargestWindowedEntropy.DEFAULT,
                new Perplexity(),
                new TokenConfidence(),
                LowestGroupConfidence.DEFAULT,
                TailConfidence.DEFAULT);
    }

    /** What the catalogue was made with. */
    public SignalOptions options() {
        return options;
    }

    /** The signals, each once, whatever the tracked class. */
    public List<Signal> signals() {
        return signals;
    }

    /**
     * The names under which scores are published: those of all signals and, if a class is tracked, the same again with
     * {@code class_N.} before them.
     */
    public List<String> names() {
        return names;
    }

    /**
     * The position of a name in {@link #names()}.
     *
     * @throws IllegalArgumentException if there is no such signal; the message lists those there are
     */
    public int indexOf(String name) {
        Integer index = indices.get(name);
        if (index == null) {
            throw new IllegalArgumentException("signal '" + name + "': must be one of " + String.join(", ", names));
        }
        return index;
    }

    /** The signals of a sequence that has no token yet. */
    public SequenceSignals start() {
        return new SequenceSignals(this);
    }

    /** What is stored of a sequence. */
    public StateLayout layout() {
        return layout;
    }

    /** Accumulators for one series of tokens, in the order of the layout. */
    Accumulator[] newAccumulators() {
        return accumulators.stream().map(Supplier::get).toArray(Accumulator[]::new);
    }

    List<Evaluation> evaluations() {
        return evaluations;
    }

    int entropyLookback() {
        return entropyLookback;
    }

    int confidenceLookback() {
        return confidenceLookback;
    }

    private static Set<MeasuredSignal> measured(List<Signal> signals) {
        Set<MeasuredSignal> measured = new LinkedHashSet<>();
        for (Signal signal : signals) {
            if (signal instanceof MeasuredSignal own) {
                measured.add(own);
            } else if (signal instanceof DerivedSignal derived) {
                measured.addAll(derived.inputs());
            }
        }
        return measured;
    }

    private static List<String> names(SignalOptions options, List<Signal> signals) {
        List<String> names = new ArrayList<>(signals.stream().map(Signal::name).toList());
        if (options.trackedClass() > 0) {
            signals.forEach(signal -> names.add("class_" + options.trackedClass() + "." + signal.name()));
        }
        return List.copyOf(names);
    }

    private static List<Supplier<Accumulator>> accumulators(StateLayout layout, Set<MeasuredSignal> measured) {
        Map<Slot, MeasuredSignal> known = measured.stream().collect(Collectors.toMap(Slot::of, signal -> signal));
        List<Supplier<Accumulator>> accumulators = new ArrayList<>();
        for (Slot slot : layout.slots()) {
            MeasuredSignal signal = known.get(slot);
            Accumulator abandoned = new Abandoned(slot.fields());
            accumulators.add(signal == null ? () -> abandoned : signal::newAccumulator);
        }
        return List.copyOf(accumulators);
    }

    private Evaluation evaluation(Signal signal) {
        if (signal instanceof DerivedSignal derived) {
            int[] inputs = derived.inputs().stream().mapToInt(this::slotOf).toArray();
            if (IntStream.of(inputs).anyMatch(slot -> slot < 0)) {
                return NO_SCORE;
            }
            return (window, accumulators) -> {
                double[] values = new double[inputs.length];
                for (int i = 0; i < inputs.length; i++) {
                    values[i] = accumulators[inputs[i]].score(window);
                }
                return derived.score(window.tokens(), values);
            };
        }
        int own = slotOf((MeasuredSignal) signal);
        return own < 0 ? NO_SCORE : (window, accumulators) -> accumulators[own].score(window);
    }

    private int slotOf(MeasuredSignal signal) {
        return layout.slots().indexOf(Slot.of(signal));
    }

    /** How one signal's score comes from the accumulators of a track. */
    @FunctionalInterface
    interface Evaluation {
        double score(TokenWindow window, Accumulator[] accumulators);
    }
}
