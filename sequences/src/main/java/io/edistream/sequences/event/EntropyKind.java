package io.edistream.sequences.event;

/**
 * What the entropies of a sequence are of.
 *
 * @param distribution of which next-token distribution
 * @param measurement how they were obtained
 * @param alternatives {@link Measurement#BOUNDED}: how many most probable tokens were asked for, at least 1; 0 for
 *     {@link Measurement#EXACT}
 */
public record EntropyKind(Distribution distribution, Measurement measurement, int alternatives) {

    /** Of the whole vocabulary, raw logits. */
    public static final EntropyKind RAW_EXACT = new EntropyKind(Distribution.RAW, Measurement.EXACT, 0);

    /**
     * @throws IllegalArgumentException if the number of alternatives does not fit the measurement
     */
    public EntropyKind {
        if (measurement == Measurement.EXACT ? alternatives != 0 : alternatives < 1) {
            throw new IllegalArgumentException("alternatives must be 0 for " + Measurement.EXACT
                    + " and at least 1 for " + Measurement.BOUNDED + ", not " + alternatives + " for " + measurement);
        }
    }

    /** Of which next-token distribution something was measured. */
    public enum Distribution {
        /** Temperature 1, before penalties, masks and truncation. */
        RAW,
        /** After the sampling temperature. */
        TEMPERED,
        /** After penalties, a grammar's mask or truncation. */
        PROCESSED
    }

    /** How an entropy was obtained. */
    public enum Measurement {
        /** From the whole vocabulary. */
        EXACT,
        /** From the most probable tokens, so that only bounds are known; the entropy is the lower one. */
        BOUNDED
    }
}
