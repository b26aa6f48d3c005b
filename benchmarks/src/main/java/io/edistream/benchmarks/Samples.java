package io.edistream.benchmarks;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/** Repeated measurements of one quantity. */
public final class Samples {

    private final double[] sorted;

    private Samples(double[] values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("0 measurements: at least 1 is needed");
        }
        this.sorted = values;
        Arrays.sort(sorted);
    }

    /** These values, at least one. */
    public static Samples of(DoubleStream values) {
        return new Samples(values.toArray());
    }

    /** The middle value, or the mean of the two middle ones. */
    public double median() {
        return quantile(0.5);
    }

    /** Between which values the middle half of the measurements lies, and all of them, for people. */
    public String spread() {
        return "half in " + Row.number(quantile(0.25)) + " to " + Row.number(quantile(0.75)) + ", all in "
                + Row.number(sorted[0]) + " to " + Row.number(sorted[sorted.length - 1]) + ", n = " + sorted.length;
    }

    /** The value below which a share of the measurements lies, 0 to 1: interpolated between the two beside it. */
    public double quantile(double share) {
        double position = share * (sorted.length - 1);
        int below = (int) position;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
