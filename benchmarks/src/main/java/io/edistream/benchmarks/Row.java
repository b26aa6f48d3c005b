package io.edistream.benchmarks;

import java.util.Locale;
import java.util.OptionalDouble;

/**
 * One line of a result table.
 *
 * @param measure what was measured
 * @param value the number, in {@code unit}
 * @param unit its unit, empty for ratios
 * @param atMost the target, empty if the line is for orientation only
 * @param spread how far single repetitions lie apart
 */
public record Row(String measure, double value, String unit, OptionalDouble atMost, String spread) {

    /** A line that is held against a target. */
    public static Row held(String measure, double value, String unit, double atMost, String spread) {
        return new Row(measure, value, unit, OptionalDouble.of(atMost), spread);
    }

    /** A line for orientation. */
    public static Row told(String measure, double value, String unit, String spread) {
        return new Row(measure, value, unit, OptionalDouble.empty(), spread);
    }

    /** The line of a Markdown table. */
    String markdown() {
        return "| " + measure + " | " + inUnit(value) + " | "
                + (atMost.isPresent() ? "<= " + inUnit(atMost.getAsDouble()) : "") + " | "
                + (atMost.isPresent() ? value <= atMost.getAsDouble() ? "yes" : "**no**" : "") + " | " + spread + " |";
    }

    private String inUnit(double number) {
        return unit.isEmpty() ? number(number) : number(number) + " " + unit;
    }

    /** Three digits that matter, and never an exponent. */
    public static String number(double value) {
        double size = Math.abs(value);
        int decimals = size >= 100 || value == Math.rint(value) ? 0 : size >= 10 ? 1 : 2;
        return String.format(Locale.ROOT, "%,." + decimals + "f", value);
    }
}
