package io.edistream.signals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Every signal that is computed for every sequence of one scoring. A new signal is one more line in {@link
 * #signals(Scoring)}.
 *
 * <p>Immutable; one instance serves all sequences that were started with the same scoring.
 */
public final class Catalogue {

    /** Index of the tracked class in a sequence that has no such class. */
    public static final int NO_CLASS = -1;

    private final Scoring scoring;
    private final long scoringId;
    private final List<Signal> signals;
    /** In the order of their measurements: what a token lacks, a range of them is spared. */
    private final List<MeasuredSignal> measured;

    private final int firstOfConfidence;
    private final int firstOfAny;
    private final List<Evaluation> evaluations;
    private final List<String> names;
    private final Map<String, Integer> indices;
    private final int entropyLookback;
    private final int confidenceLookback;

    /** The catalogue of a scoring. */
    public Catalogue(Scoring scoring) {
        this.scoring = scoring;
        this.scoringId = scoring.id();
        this.signals = signals(scoring);
        this.measured = measured(signals).stream()
                .sorted(Comparator.comparing(MeasuredSignal::measurement))
                .toList();
        this.firstOfConfidence = firstOf(Measurement.CONFIDENCE);
        this.firstOfAny = firstOf(Measurement.ANY);
        this.evaluations = signals.stream().map(this::evaluation).toList();
        this.names = names(scoring, signals);
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

    private static List<Signal> signals(Scoring scoring) {
        Burst burst = new Burst(scoring.burstWindowTokens(), scoring.burstThresholdNats());
        Rebound rebound = new Rebound(scoring.reboundThresholdNats());
        return List.of(
                new Edis(burst, rebound),
                burst,
                rebound,
                new EntropyVariance(),
                new MeanEntropy(),
                new SequenceEntropy(),
                SpikeCount.DEFAULT,
                LargestWindowedEntropy.DEFAULT,
                new EntropyGap(),
                new Perplexity(),
                new TokenConfidence(),
                LowestGroupConfidence.DEFAULT,
                TailConfidence.DEFAULT);
    }

    /** What the catalogue was made with. */
    public Scoring scoring() {
        return scoring;
    }

    /** {@link Scoring#id} of it. */
    public long scoringId() {
        return scoringId;
    }

    /** The signals, each once, whatever the tracked class. */
    public List<Signal> signals() {
        return signals;
    }

    /**
     * The names under which scores are published: those of all signals and, if a class is tracked, the same again with
     * {@code class_NAME.} before them.
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

    /**
     * The signals of a sequence that has no token yet.
     *
     * @param trackedClass index that the sequence's start gives the tracked class, {@link #NO_CLASS} if the sequence has
     *     none of that name: its class signals are then absent; of no effect if no class is tracked
     * @throws IllegalArgumentException if it is neither that nor the class of a token
     */
    public SequenceSignals start(int trackedClass) {
        if (trackedClass != NO_CLASS && !Token.isPossibleClass(trackedClass)) {
            throw new IllegalArgumentException("tracked token class " + trackedClass + ": must be 0 to "
                    + Token.MAX_CLASS + ", or " + NO_CLASS + " for none");
        }
        return new SequenceSignals(this, scoring.tracksClass() ? trackedClass : NO_CLASS);
    }

    /**
     * The signals of a sequence as {@link SequenceSignals#write} wrote them.
     *
     * @throws IOException if the state cannot be read or is damaged
     */
    public SequenceSignals restore(StateInput in) throws IOException {
        return SequenceSignals.read(this, in);
    }

    /** Accumulators for one series of tokens: those of entropies, then of confidences, then of all tokens. */
    Accumulator[] newAccumulators() {
        return measured.stream().map(MeasuredSignal::newAccumulator).toArray(Accumulator[]::new);
    }

    int firstOfConfidence() {
        return firstOfConfidence;
    }

    int firstOfAny() {
        return firstOfAny;
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

    private int firstOf(Measurement measurement) {
        return (int) measured.stream()
                .filter(signal -> signal.measurement().compareTo(measurement) < 0)
                .count();
    }

    private static List<String> names(Scoring scoring, List<Signal> signals) {
        List<String> names = new ArrayList<>(signals.stream().map(Signal::name).toList());
        if (scoring.tracksClass()) {
            signals.forEach(signal -> names.add("class_" + scoring.trackedClass() + "." + signal.name()));
        }
        return List.copyOf(names);
    }

    private Evaluation evaluation(Signal signal) {
        if (signal instanceof DerivedSignal derived) {
            int[] inputs = derived.inputs().stream().mapToInt(measured::indexOf).toArray();
            return (window, accumulators) -> {
                if (window.entropies() == 0) {
                    return Double.NaN;
                }
                double[] values = new double[inputs.length];
                for (int i = 0; i < inputs.length; i++) {
                    values[i] = accumulators[inputs[i]].score(window);
                }
                return derived.score(window.entropies(), values);
            };
        }
        MeasuredSignal own = (MeasuredSignal) signal;
        int index = measured.indexOf(own);
        return switch (own.measurement()) {
            case ENTROPY ->
                (window, accumulators) -> window.entropies() == 0 ? Double.NaN : accumulators[index].score(window);
            case CONFIDENCE ->
                (window, accumulators) -> window.confidences() == 0 ? Double.NaN : accumulators[index].score(window);
            case ANY -> (window, accumulators) -> window.tokens() == 0 ? Double.NaN : accumulators[index].score(window);
        };
    }

    /** How one signal's score comes from the accumulators of a track. */
    @FunctionalInterface
    interface Evaluation {
        double score(TokenWindow window, Accumulator[] accumulators);
    }
}
