package io.edistream.jobs.events;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive tokens of a sequence arrive, at least one. The tokens' values are unchecked: what is allowed depends on
 * the sequence's start.
 */
public final class Run implements SequenceEvent {

    private static final int MEASUREMENTS = 3;

    private final SequenceKey key;
    private final Origin origin;
    private final long decodedAtMicros;
    private final int firstToken;
    private final float[] measurements;
    private final int[] classes;

    private Run(Builder builder) {
        this.key = builder.key;
        this.origin = builder.origin;
        this.decodedAtMicros = builder.decodedAtMicros;
        this.firstToken = builder.firstToken;
        this.measurements = builder.measurements;
        this.classes = builder.classes;
    }

    @Override
    public SequenceKey key() {
        return key;
    }

    @Override
    public Origin origin() {
        return origin;
    }

    /** When the tokens were decoded, microseconds since 1970-01-01 UTC on the generator's clock. */
    public long decodedAtMicros() {
        return decodedAtMicros;
    }

    /** Index of the first token, at least 0. */
    public int firstToken() {
        return firstToken;
    }

    /** Tokens of the run. */
    public int tokens() {
        return classes.length;
    }

    /** Entropy of the run's token {@code i}, nats. */
    public float entropy(int i) {
        return measurements[MEASUREMENTS * i];
    }

    /** Natural log-probability of the run's token {@code i}. */
    public float logprob(int i) {
        return measurements[MEASUREMENTS * i + 1];
    }

    /** Confidence of the run's token {@code i}, nats. */
    public float confidence(int i) {
        return measurements[MEASUREMENTS * i + 2];
    }

    /** Class of the run's token {@code i}. */
    public int tokenClass(int i) {
        return classes[i];
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Run that
                && key.equals(that.key)
                && origin.equals(that.origin)
                && decodedAtMicros == that.decodedAtMicros
                && firstToken == that.firstToken
                && Arrays.equals(measurements, that.measurements)
                && Arrays.equals(classes, that.classes);
    }

    @Override
    public int hashCode() {
        return 31 * key.hashCode() + firstToken;
    }

    @Override
    public String toString() {
        return "Run[" + key + ", tokens " + firstToken + " to " + (firstToken + tokens() - 1) + "]";
    }

    /** Collects the tokens of a run whose length is known. */
    public static final class Builder {
        private final SequenceKey key;
        private final Origin origin;
        private final long decodedAtMicros;
        private final int firstToken;
        private final float[] measurements;
        private final int[] classes;
        private int added;

        /** A run of {@code tokens} tokens, all still to be added. */
        public Builder(SequenceKey key, Origin origin, long decodedAtMicros, int firstToken, int tokens) {
            this.key = key;
            this.origin = origin;
            this.decodedAtMicros = decodedAtMicros;
            this.firstToken = firstToken;
            this.measurements = new float[MEASUREMENTS * tokens];
            this.classes = new int[tokens];
        }

        /** Adds the next token. */
        public Builder add(float entropy, float logprob, float confidence, int tokenClass) {
            int at = MEASUREMENTS * added;
            measurements[at] = entropy;
            measurements[at + 1] = logprob;
            measurements[at + 2] = confidence;
            classes[added++] = tokenClass;
            return this;
        }

        /**
         * The run.
         *
         * @throws IllegalStateException if tokens are missing
         */
        public Run build() {
            if (added < classes.length) {
                throw new IllegalStateException(added + " of " + classes.length + " tokens were added");
            }
            return new Run(this);
        }
    }
}
