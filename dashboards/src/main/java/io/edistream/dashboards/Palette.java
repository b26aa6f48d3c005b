package io.edistream.dashboards;

import java.util.LinkedHashMap;
import java.util.Map;

/** One colour for each outcome, the same on all boards. Told apart with red-green blindness, too. */
final class Palette {

    private Palette() {}

    /**
     * Colours by a pattern for the names of series, whatever their case: sources write outcomes in capitals, the job
     * does not. Of several that match, the last holds: an outcome says more than an action.
     */
    static Map<String, String> colours() {
        Map<String, String> colours = new LinkedHashMap<>();
        put(colours, "#D55E00", "ABORT", "ABORTED", "PRUNE", "PRUNED", "REROUTED", "discarded");
        put(colours, "#009E73", "BRANCH");
        put(colours, "#CC79A7", "REROUTE");
        put(colours, "#F0E442", "CONCLUDE");
        put(
                colours,
                "#0072B2",
                "APPLIED",
                "END_OF_SEQUENCE",
                "CONCLUDED",
                "STOP_STRING",
                "TOOL_CALL",
                "published",
                "kept");
        put(colours, "#56B4E9", "SHADOW");
        put(colours, "#E69F00", "LENGTH", "TOO_LATE", "DISARMED", "WITHDRAWN", "CANCELLED", "repeated");
        put(colours, "#CC3311", "REFUSED", "UNSUPPORTED", "ERROR", "FILTERED", "dropped", "failed", "missing");
        put(colours, "#8E8E8E", "UNKNOWN", "DUPLICATE", "ABANDONED", "unmeasured");
        return colours;
    }

    private static void put(Map<String, String> colours, String colour, String... names) {
        colours.put("/\\b(" + String.join("|", names) + ")\\b/i", colour);
    }
}
