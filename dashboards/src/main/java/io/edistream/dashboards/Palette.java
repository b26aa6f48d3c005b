package io.edistream.dashboards;

import java.util.LinkedHashMap;
import java.util.Map;

/** One colour for each outcome, the same on all boards. Told apart with red-green blindness, too. */
final class Palette {

    private static final String GOOD = "#0072B2";
    private static final String STOPPED = "#D55E00";
    private static final String BRANCHED = "#009E73";
    private static final String WARNING = "#E69F00";
    private static final String BAD = "#CC3311";
    private static final String NEUTRAL = "#8E8E8E";
    private static final String SHADOW = "#56B4E9";

    private Palette() {}

    /** Colours by the name of a series. */
    static Map<String, String> colours() {
        Map<String, String> colours = new LinkedHashMap<>();
        put(colours, GOOD, "END_OF_SEQUENCE", "CONCLUDED", "STOP_STRING", "TOOL_CALL", "published", "kept", "final");
        put(colours, STOPPED, "ABORT", "ABORTED", "PRUNED", "REROUTED", "discarded");
        put(colours, BRANCHED, "BRANCH", "APPLIED");
        put(colours, WARNING, "LENGTH", "TOO_LATE", "DISARMED", "WITHDRAWN", "CANCELLED", "repeated");
        put(colours, BAD, "REFUSED", "UNSUPPORTED", "ERROR", "FILTERED", "dropped", "failed", "missing");
        put(colours, NEUTRAL, "UNKNOWN", "DUPLICATE", "ABANDONED", "unmeasured");
        put(colours, SHADOW, "SHADOW", "running");
        return colours;
    }

    private static void put(Map<String, String> colours, String colour, String... names) {
        for (String name : names) {
            colours.put(name, colour);
        }
    }
}
