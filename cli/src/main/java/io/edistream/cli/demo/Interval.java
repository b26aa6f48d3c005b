package io.edistream.cli.demo;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * A share that was counted, and the interval in which it may truly lie: Wilson's score interval at 95 %, without
 * correction for continuity (Wilson 1927; method 3 of Newcombe, Statistics in Medicine 17, 857-872, 1998).
 *
 * @param count of them that have the property, 0 to {@code of}
 * @param of all, at least 0
 * @param low lower end, 0 if there are none
 * @param high upper end, 1 if there are none
 */
record Interval(int count, @JsonProperty("of") int of, double low, double high) {

    /** The standard normal quantile of 97.5 %. */
    private static final double Z = 1.959963984540054;

    private static final double PERCENT = 100;

    static Interval wilson(int count, int of) {
        if (count < 0 || count > of) {
            throw new IllegalArgumentException("count must be 0 to " + of + ", not " + count);
        }
        if (of == 0) {
            return new Interval(0, 0, 0, 1);
        }
        double share = count / (double) of;
        double scale = 1 + Z * Z / of;
        double centre = (share + Z * Z / (2 * of)) / scale;
        double half = Z * Math.sqrt(share * (1 - share) / of + Z * Z / (4.0 * of * of)) / scale;
        return new Interval(count, of, Math.max(0, centre - half), Math.min(1, centre + half));
    }

    /** Whether the two have no value in common. */
    boolean isApartFrom(Interval other) {
        return high < other.low || other.high < low;
    }

    /** For instance "3 of 8, 38 % (14 to 69 %)". */
    String text() {
        return of == 0
                ? "0 of 0"
                : String.format(
                        java.util.Locale.ROOT,
                        "%d of %d, %.0f %% (%.0f to %.0f %%)",
                        count,
                        of,
                        PERCENT * count / of,
                        PERCENT * low,
                        PERCENT * high);
    }
}
