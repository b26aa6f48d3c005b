package io.edistream.dashboards;

import io.edistream.schemas.metrics.Metric;
import java.util.Arrays;
import java.util.List;

/**
 * One expression of a panel.
 *
 * @param expression in PromQL, with Grafana's variables
 * @param legend Grafana's template for the name of a series
 * @param metrics what it reads
 */
record Target(String expression, String legend, List<Metric> metrics) {

    Target {
        metrics = List.copyOf(metrics);
    }

    /** An expression whose {@code %s} are selectors of these series. */
    static Target of(String legend, String template, Series... series) {
        Object[] selectors = Arrays.stream(series).map(Series::selector).toArray();
        return new Target(
                template.formatted(selectors),
                legend,
                Arrays.stream(series).map(Series::metric).distinct().toList());
    }

    /** What a counter rises by in a second, summed by labels. */
    static Target rate(String legend, String by, Series series) {
        return of(legend, "sum" + by(by) + " (rate(%s[$__rate_interval]))", series);
    }

    /** What a counter rose by in each interval, summed by labels. */
    static Target increase(String legend, String by, Series series) {
        return of(legend, "sum" + by(by) + " (increase(%s[$__rate_interval]))", series);
    }

    /** A gauge, summed by labels. */
    static Target sum(String legend, String by, Series series) {
        return of(legend, "sum" + by(by) + " (%s)", series);
    }

    /** A quantile of a histogram. */
    static Target quantile(double quantile, String legend, String by, Metric histogram) {
        String labels = by.isEmpty() ? "le" : "le, " + by;
        return of(
                legend,
                "histogram_quantile(" + quantile + ", sum" + by(labels) + " (rate(%s[$__rate_interval])))",
                Series.of(histogram));
    }

    /** The share of one rate in another; nothing while the other is 0. */
    static Target share(String legend, Series part, Series whole) {
        return of(legend, "sum(rate(%s[$__rate_interval])) / (sum(rate(%s[$__rate_interval])) > 0)", part, whole);
    }

    private static String by(String labels) {
        return labels.isEmpty() ? "" : " by (" + labels + ")";
    }
}
