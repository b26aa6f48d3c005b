package io.edistream.cli.demo;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Median and 99th percentile by nearest rank; null for both if there is nothing to take them of.
 *
 * @param p50 the smallest value that half of all do not exceed
 * @param p99 the smallest value that 99 % of all do not exceed
 */
@JsonInclude
record Percentiles(@Nullable Double p50, @Nullable Double p99) {

    private static final double MEDIAN = 0.5;
    private static final double NEAR_WORST = 0.99;

    static Percentiles of(List<Double> values) {
        if (values.isEmpty()) {
            return new Percentiles(null, null);
        }
        List<Double> sorted = values.stream().sorted().toList();
        return new Percentiles(nearestRank(sorted, MEDIAN), nearestRank(sorted, NEAR_WORST));
    }

    private static double nearestRank(List<Double> sorted, double share) {
        return sorted.get((int) Math.ceil(share * sorted.size()) - 1);
    }
}
