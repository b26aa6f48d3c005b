package io.edistream.signals;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Every signal that is computed for every sequence. A new signal is one more line in {@link #signals(SignalOptions)}.
 *
 * <p>Immutable; one instance serves all sequences that were started with the same options.
 */
public final class Catalogue {

    private final SignalOptions options;
    private final List<Signal> signals;
    private final List<MeasuredSignal> measured;
    private final List<String> names;
    private final Map<String, Integer> indices;
    private final List<Evaluation> evaluations;
    private final int entropyLookback;
    private final int confidenceLookback;

    /** The catalogue with these options. */
    public Catalogue(SignalOptions options) {
        this.options = options;
        this.signals = signals(options);
        this.measured = List.copyOf(measured(signals));
        this.evaluations = signals.stream().map(this::evaluation).toList();
        this.names = names(options, signals);
        this.indices = IntStream.range(0, names.size()).boxed().collect(Collectors.toMap(names::get, i -> i));
        this.entropyLookback = measured.stream()
                .mapToInt(MeasuredSignal::entropyLookback)
                .max()
                .orElse(0);
        this.confidenceLookback = measured.stream()
                .mapToInt(MeasuredSignal::confidenceLookback)
                .max()
                .orElse(0);
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

    List<MeasuredSignal> measured() {
        return measured;
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

    private Evaluation evaluation(Signal signal) {
        if (signal instanceof DerivedSignal derived) {
            int[] inputs = derived.inputs().stream().mapToInt(measured::indexOf).toArray();
            return (window, accumulators) -> {
                double[] values = new double[inputs.length];
                for (int i = 0; i < inputs.length; i++) {
                    values[i] = accumulators[inputs[i]].score(window);
                }
                return derived.score(window.tokens(), values);
            };
        }
        int own = measured.indexOf((MeasuredSignal) signal);
        return (window, accumulators) -> accumulators[own].score(window);
    }

    /** How one signal's score comes from the accumulators of a track. */
    @FunctionalInterface
    interface Evaluation {
        double score(TokenWindow window, Accumulator[] accumulators);
    }
}
