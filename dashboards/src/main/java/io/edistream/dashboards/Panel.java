package io.edistream.dashboards;

import io.edistream.schemas.metrics.Metric;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One picture of a board.
 *
 * @param kind how it is drawn
 * @param title a question that it answers
 * @param text what to look at, one or two sentences; the metrics are added to it
 * @param unit one of Grafana's units
 * @param width in columns, of which a board has 24
 * @param targets what is drawn
 */
record Panel(Kind kind, String title, String text, String unit, int width, List<Target> targets) {

    static final int HEIGHT = 8;

    /** How a panel is drawn, by Grafana's name. */
    enum Kind {
        LINES("timeseries"),
        NUMBER("stat"),
        STATES("state-timeline"),
        HEATMAP("heatmap");

        final String type;

        Kind(String type) {
            this.type = type;
        }
    }

    Panel {
        targets = List.copyOf(targets);
    }

    static Panel lines(String title, String text, String unit, Target... targets) {
        return new Panel(Kind.LINES, title, text, unit, 12, List.of(targets));
    }

    static Panel number(String title, String text, String unit, Target target) {
        return new Panel(Kind.NUMBER, title, text, unit, 6, List.of(target));
    }

    /** What is 1 or 0, over time. */
    static Panel states(String title, String text, Target... targets) {
        return new Panel(Kind.STATES, title, text, "bool_on_off", 12, List.of(targets));
    }

    /** A distribution over time, with exemplars. */
    static Panel heatmap(String title, String text, String unit, Metric histogram) {
        Target target = Target.increase("{{le}}", "le", Series.of(histogram));
        return new Panel(Kind.HEATMAP, title, text, unit, 12, List.of(target));
    }

    /** The text and the metrics by name. */
    String description() {
        return text + "\n\nFrom "
                + targets.stream()
                        .flatMap(target -> target.metrics().stream())
                        .map(metric -> "`" + metric.name() + "`")
                        .distinct()
                        .collect(Collectors.joining(", "))
                + ".";
    }
}
