package io.edistream.schemas;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a watcher uses of one {@link TokenEntropyBatch}, in arrays that are filled again for every record: starts, runs of
 * tokens with their measurements, finishes. Mutable, used by one thread, and valid until the next record is decoded into
 * it.
 *
 * <p>Tokens are addressed by their place, counted through all runs of the record. A measurement that nobody made is NaN.
 */
public final class Step {

    private static final int INITIAL = 64;

    long generator;
    long recordNumber;
    long decodedAtMicros;
    final List<SequenceStart> starts = new ArrayList<>();
    final List<SamplingChange> samplingChanges = new ArrayList<>();
    final List<SequenceFinish> finishes = new ArrayList<>();
    final List<LateLabel> labels = new ArrayList<>();

    int runs;
    int tokens;
    private long[] runSequences = new long[INITIAL];
    private int[] runFirstTokens = new int[INITIAL];
    private int[] runPlaces = new int[INITIAL + 1];

    final Column entropies = new Column("entropies");
    final Column logprobs = new Column("logprobs");
    final Column confidences = new Column("confidences");
    final Column upperBounds = new Column("upper_bounds");
    private byte[] classes = new byte[INITIAL];
    private boolean hasClasses;
    private byte[] unmeasured = new byte[INITIAL];
    private boolean hasUnmeasured;
    private String columnProblem = "";

    /** The source. */
    public long generator() {
        return generator;
    }

    /** Number of the record among those of its source, from 0. */
    public long recordNumber() {
        return recordNumber;
    }

    /** When the step ended, microseconds since 1970-01-01 UTC on the source's clock. */
    public long decodedAtMicros() {
        return decodedAtMicros;
    }

    /** Sequences that start. */
    public List<SequenceStart> starts() {
        return starts;
    }

    /** Changes of sampling. */
    public List<SamplingChange> samplingChanges() {
        return samplingChanges;
    }

    /** Sequences that end. */
    public List<SequenceFinish> finishes() {
        return finishes;
    }

    /** Labels that came after their sequence's end. */
    public List<LateLabel> labels() {
        return labels;
    }

    /** How many runs there are. */
    public int runs() {
        return runs;
    }

    /** Tokens of all runs. */
    public int tokens() {
        return tokens;
    }

    /** Counter of the sequence of a run. */
    public long sequence(int run) {
        return runSequences[run];
    }

    /** Index of a run's first token in its sequence. */
    public int firstToken(int run) {
        return runFirstTokens[run];
    }

    /** Tokens of a run. */
    public int length(int run) {
        return runPlaces[run + 1] - runPlaces[run];
    }

    /** Place of a run's first token. */
    public int place(int run) {
        return runPlaces[run];
    }

    /** Whether anything was measured of any token. */
    public boolean isMeasured() {
        return hasEntropies() || hasLogprobs() || hasConfidences();
    }

    /** Whether there is a column of entropies. */
    public boolean hasEntropies() {
        return entropies.length > 0;
    }

    /** Whether there is a column of log-probabilities. */
    public boolean hasLogprobs() {
        return logprobs.length > 0;
    }

    /** Whether there is a column of confidences. */
    public boolean hasConfidences() {
        return confidences.length > 0;
    }

    /** Entropy at a place, nats; of a bounded kind the lower bound. */
    public float entropy(int place) {
        return entropies.at(place);
    }

    /** Upper bound of the entropy at a place, nats. */
    public float upperBound(int place) {
        return upperBounds.at(place);
    }

    /** Natural log-probability at a place. */
    public float logprob(int place) {
        return logprobs.at(place);
    }

    /** Confidence at a place, nats. */
    public float confidence(int place) {
        return confidences.at(place);
    }

    /** Token class at a place, an index into the names of the start. */
    public int tokenClass(int place) {
        return hasClasses ? classes[place] : 0;
    }

    /** Whether the record says why a measurement at the place is missing. */
    public boolean isUnmeasured(int place) {
        return hasUnmeasured && unmeasured[place] != 0;
    }

    /**
     * Why the columns do not fit the runs, as a sentence; empty if they do. If they do not, no value can be assigned to a
     * token, and only starts, finishes and labels are to be used.
     */
    public String columnProblem() {
        return columnProblem;
    }

    // ------------------------------------------------------------------ filled by StepDecoder

    void clear() {
        starts.clear();
        samplingChanges.clear();
        finishes.clear();
        labels.clear();
        runs = 0;
        tokens = 0;
        entropies.length = 0;
        logprobs.length = 0;
        confidences.length = 0;
        upperBounds.length = 0;
        hasClasses = false;
        hasUnmeasured = false;
        columnProblem = "";
    }

    void addRun(long sequence, int firstToken, int length) {
        if (runs == runSequences.length) {
            runSequences = Arrays.copyOf(runSequences, 2 * runs);
            runFirstTokens = Arrays.copyOf(runFirstTokens, 2 * runs);
            runPlaces = Arrays.copyOf(runPlaces, 2 * runs + 1);
        }
        int counted = length;
        if (length < 0) {
            problem(length + " tokens in run " + runs + ": must be at least 1");
            counted = 0;
        } else if (length > RecordLimits.MAX_TOKENS - tokens) {
            problem(length + " tokens in run " + runs + " behind " + tokens + " others of the record: at most "
                    + RecordLimits.MAX_TOKENS + " are allowed in all");
            counted = 0;
        }
        runSequences[runs] = sequence;
        runFirstTokens[runs] = firstToken;
        runPlaces[runs] = tokens;
        tokens += counted;
        runs++;
        runPlaces[runs] = tokens;
    }

    void addUnmeasured(int place, int count) {
        if (!hasUnmeasured) {
            hasUnmeasured = true;
            unmeasured = cleared(unmeasured);
            nextUnmeasured = 0;
        }
        if (fits("unmeasured", place, count, nextUnmeasured)) {
            Arrays.fill(unmeasured, place, place + count, (byte) 1);
            nextUnmeasured = place + count;
        }
    }

    void addClass(int place, int tokenClass) {
        if (!hasClasses) {
            hasClasses = true;
            classes = cleared(classes);
            nextClass = 0;
        }
        if (tokenClass < 0 || tokenClass > Byte.MAX_VALUE) {
            problem("class " + tokenClass + " at place " + place + ": must be 0 to " + Byte.MAX_VALUE);
        } else if (fits("token_classes", place, 1, nextClass)) {
            classes[place] = (byte) tokenClass;
            nextClass = place + 1;
        }
    }

    private int nextUnmeasured;
    private int nextClass;

    /** Rising places, so that a record cannot make work that is not in proportion to its tokens. */
    private boolean fits(String column, int place, int count, int next) {
        if (place < next || count < 1 || count > tokens - place) {
            problem("entry of " + count + " tokens at place " + place + " in column " + column
                    + ": entries must rise, hold at least 1 token and end within the " + tokens
                    + " tokens of the record");
            return false;
        }
        return true;
    }

    private byte[] cleared(byte[] array) {
        if (array.length < tokens) {
            return new byte[tokens];
        }
        Arrays.fill(array, 0, tokens, (byte) 0);
        return array;
    }

    /** A dense column whose values nobody here uses; its length tells whether the record is whole. */
    void denseLength(String column, int length) {
        if (length != 0 && length != tokens) {
            problem(length + " values in column " + column + ": must be none or one for each of the " + tokens
                    + " tokens of the record");
        }
    }

    void checkColumns() {
        denseLength(entropies.name, entropies.length);
        denseLength(logprobs.name, logprobs.length);
        denseLength(confidences.name, confidences.length);
        denseLength(upperBounds.name, upperBounds.length);
    }

    private void problem(String sentence) {
        if (columnProblem.isEmpty()) {
            columnProblem = sentence;
        }
    }

    /** Values of one dense column. */
    static final class Column {
        private final String name;
        private float[] values = new float[INITIAL];
        private int length;

        Column(String name) {
            this.name = name;
        }

        float at(int place) {
            return length == 0 ? Float.NaN : values[place];
        }

        /** Makes room for more values and returns where the first of them goes. */
        int grow(int more) {
            int from = length;
            length += more;
            if (length > values.length) {
                values = Arrays.copyOf(values, Math.max(length, 2 * values.length));
            }
            return from;
        }

        float[] values() {
            return values;
        }
    }
}
