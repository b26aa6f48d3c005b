package io.edistream.dashboards;

import io.edistream.schemas.metrics.Metric;
import java.util.ArrayList;
import java.util.List;

/**
 * The series of one metric that a board's variables choose.
 *
 * @param metric the metric
 * @param suffix what a histogram's series are called after its name: {@code _bucket}, {@code _count} or {@code _sum}
 * @param matchers further matchers, for instance {@code action="abort"}
 */
record Series(Metric metric, String suffix, List<String> matchers) {

    Series {
        matchers = List.copyOf(matchers);
    }

    /** All series of a metric; of a histogram, its buckets. */
    static Series of(Metric metric, String... matchers) {
        return new Series(metric, metric.type() == Metric.Type.HISTOGRAM ? "_bucket" : "", List.of(matchers));
    }

    /** How many values a histogram took in. */
    static Series count(Metric histogram, String... matchers) {
        return new Series(histogram, "_count", List.of(matchers));
    }

    /** The selector, with the board's variables for those labels that the metric has. */
    String selector() {
        List<String> all = new ArrayList<>(List.of("job=~\"$job\"", "instance=~\"$instance\""));
        for (String label : List.of("model", "route")) {
            if (metric.labels().contains(label)) {
                all.add(label + "=~\"$" + label + "\"");
            }
        }
        all.addAll(matchers);
        return metric.name() + suffix + "{" + String.join(",", all) + "}";
    }
}
