package io.edistream.cli.demo;

import io.edistream.console.SafeText;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Plots of a report, as SVG within the page. */
final class ReportPlots {

    private static final int WIDTH = 900;
    private static final int HEIGHT = 86;
    private static final int BASE = 70;

    /** Where the bar of an entropy of this size ends at the top; larger ones are cut there. */
    private static final double FULL_SCALE_NATS = 2;

    private static final int TOP = 6;

    private ReportPlots() {}

    /** The entropies of a sequence, bursts and rebounds below, commands across. */
    static String trace(
            List<@Nullable Double> entropies, List<RunReport.Mark> marks, List<RunReport.Decision> commands) {
        StringBuilder svg = new StringBuilder();
        add(
                svg,
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Entropy of %d tokens\">",
                WIDTH,
                HEIGHT,
                entropies.size());
        double step = WIDTH / (double) Math.max(1, entropies.size());
        add(svg, "<line class=\"axis\" x1=\"0\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>", BASE, WIDTH, BASE);
        add(svg, "<line class=\"axis\" x1=\"0\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>", TOP, WIDTH, TOP);
        add(svg, "<text x=\"2\" y=\"%d\">2 nats</text><path class=\"bars\" d=\"", TOP + 12);
        for (int i = 0; i < entropies.size(); i++) {
            Double entropy = entropies.get(i);
            if (entropy != null) {
                double height = Math.min(1, entropy / FULL_SCALE_NATS) * (BASE - TOP);
                add(svg, "M%.1f %dv%.1fh%.1fv%.1fz", i * step, BASE, -height, step * 0.7, height);
            }
        }
        svg.append("\"/>");
        for (RunReport.Mark mark : marks) {
            String kind = mark.kind().equals("BURST") ? "b" : "r";
            add(svg, "<text class=\"%s\" x=\"%.1f\" y=\"%d\">%s</text>", kind, mark.token() * step, HEIGHT - 3, kind);
        }
        for (RunReport.Decision command : commands) {
            if ("APPLIED".equals(command.outcome())) {
                double x = (command.decidedAtToken() + 0.5) * step;
                add(
                        svg,
                        "<line class=\"%s\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"><title>%s: %s</title></line>",
                        command.action().equals("ABORT") ? "cut" : "fork",
                        x,
                        TOP,
                        x,
                        BASE,
                        SafeText.forHtml(command.action()),
                        SafeText.forHtml(command.reason()));
            }
        }
        return svg.append("</svg>\n").toString();
    }

    /** Shares with their intervals, one below the other. */
    static String intervals(List<String> names, List<Interval> intervals) {
        StringBuilder svg = new StringBuilder();
        int left = 220;
        int wide = WIDTH - left - 40;
        int high = 28 * names.size() + 20;
        add(svg, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Shares with intervals\">", WIDTH, high);
        for (int percent = 0; percent <= 100; percent += 25) {
            double x = left + wide * percent / 100.0;
            add(svg, "<line class=\"axis\" x1=\"%.1f\" y1=\"0\" x2=\"%.1f\" y2=\"%d\"/>", x, x, high - 16);
            add(svg, "<text x=\"%.1f\" y=\"%d\">%d %%</text>", x - 12, high - 3, percent);
        }
        for (int i = 0; i < names.size(); i++) {
            Interval interval = intervals.get(i);
            int y = 28 * i + 14;
            add(
                    svg,
                    "<text x=\"0\" y=\"%d\">%s: %d of %d right</text>",
                    y + 4,
                    SafeText.forHtml(names.get(i)),
                    interval.count(),
                    interval.of());
            add(
                    svg,
                    "<line class=\"range\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>",
                    left + wide * interval.low(),
                    y,
                    left + wide * interval.high(),
                    y);
            if (interval.of() > 0) {
                double share = interval.count() / (double) interval.of();
                add(svg, "<circle class=\"dot\" cx=\"%.1f\" cy=\"%d\" r=\"5\"/>", left + wide * share, y);
            }
        }
        return svg.append("</svg>\n").toString();
    }

    private static void add(StringBuilder svg, String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }
}
