package io.edistream.schemas.metrics;

import java.util.List;
import java.util.Locale;

/**
 * A metric that Edistream exports.
 *
 * @param name as it is scraped; a counter's ends in {@code _total}, a histogram's is without {@code _bucket}
 * @param type how it is to be read
 * @param unit what a value counts, for instance {@code seconds}; {@code 1} for a value without a unit
 * @param labels names of its labels, never ids
 * @param bounds rising upper bounds of the classic buckets of a histogram, without infinity; empty for all else
 * @param help what a value means, one sentence
 */
public record Metric(String name, Type type, String unit, List<String> labels, List<Double> bounds, String help) {

    /** How a metric is to be read. */
    public enum Type {
        /** Only rises, from 0 at the start of its process. */
        COUNTER,
        /** Rises and falls. */
        GAUGE,
        /** A distribution, classic and native. */
        HISTOGRAM
    }

    public Metric {
        labels = List.copyOf(labels);
        bounds = List.copyOf(bounds);
    }

    static Metric counter(String name, String unit, String help, String... labels) {
        return new Metric(name, Type.COUNTER, unit, List.of(labels), List.of(), help);
    }

    static Metric gauge(String name, String unit, String help, String... labels) {
        return new Metric(name, Type.GAUGE, unit, List.of(labels), List.of(), help);
    }

    static Metric histogram(String name, String unit, List<Double> bounds, String help, String... labels) {
        return new Metric(name, Type.HISTOGRAM, unit, List.of(labels), bounds, help);
    }

    /** The labels, for a library that takes an array. */
    public String[] labelNames() {
        return labels.toArray(String[]::new);
    }

    /** A symbol of the contract as the value of a label: in lower case. */
    public static String label(String symbol) {
        return symbol.toLowerCase(Locale.ROOT);
    }

    /** The bounds, for a library that takes an array. */
    public double[] upperBounds() {
        return bounds.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
