package io.edistream.dashboards;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** A panel as Grafana 11 draws it. */
final class PanelJson {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private PanelJson() {}

    static ObjectNode node(Panel panel, int number) {
        ObjectNode node = JSON.objectNode();
        node.put("id", number).put("type", panel.kind().type);
        node.put("title", panel.title()).put("description", panel.description());
        node.set("datasource", BoardJson.datasource());
        ArrayNode targets = node.putArray("targets");
        for (Target target : panel.targets()) {
            targets.add(target(panel.kind(), target, targets.size()));
        }
        ObjectNode field = node.putObject("fieldConfig");
        ObjectNode defaults = field.putObject("defaults");
        defaults.put("unit", panel.unit()).put("noValue", "no data");
        defaults.putObject("color")
                .put("mode", panel.kind() == Panel.Kind.STATES ? "thresholds" : "palette-classic-by-name");
        if (panel.kind() == Panel.Kind.STATES) {
            defaults.set("thresholds", states());
        } else if (panel.unit().equals("percentunit")) {
            defaults.put("min", 0).put("max", 1);
        } else {
            defaults.put("min", 0);
        }
        field.set("overrides", overrides());
        node.set("options", options(panel.kind()));
        return node;
    }

    private static ObjectNode target(Panel.Kind kind, Target target, int index) {
        ObjectNode node = JSON.objectNode();
        node.put("refId", String.valueOf((char) ('A' + index)));
        node.set("datasource", BoardJson.datasource());
        node.put("expr", target.expression()).put("legendFormat", target.legend());
        node.put("format", kind == Panel.Kind.HEATMAP ? "heatmap" : "time_series");
        boolean exemplar = target.expression().contains("_bucket{") && kind != Panel.Kind.NUMBER;
        return node.put("exemplar", exemplar).put("instant", false).put("range", true);
    }

    private static ObjectNode states() {
        ObjectNode thresholds = JSON.objectNode().put("mode", "absolute");
        ArrayNode steps = thresholds.putArray("steps");
        steps.addObject().putNull("value").put("color", "#CC3311");
        steps.addObject().put("value", 1).put("color", "#0072B2");
        return thresholds;
    }

    private static ArrayNode overrides() {
        ArrayNode overrides = JSON.arrayNode();
        Palette.colours().forEach((pattern, colour) -> {
            ObjectNode override = overrides.addObject();
            override.putObject("matcher").put("id", "byRegexp").put("options", pattern);
            ObjectNode property = override.putArray("properties").addObject().put("id", "color");
            property.putObject("value").put("mode", "fixed").put("fixedColor", colour);
        });
        return overrides;
    }

    private static ObjectNode options(Panel.Kind kind) {
        ObjectNode options = JSON.objectNode();
        switch (kind) {
            case LINES -> {
                ObjectNode legend = options.putObject("legend");
                legend.put("displayMode", "table").put("placement", "bottom").put("showLegend", true);
                legend.set("calcs", calculations(List.of("lastNotNull", "max")));
                options.putObject("tooltip").put("mode", "multi").put("sort", "desc");
            }
            case NUMBER ->
                options.put("colorMode", "value")
                        .put("graphMode", "area")
                        .putObject("reduceOptions")
                        .set("calcs", calculations(List.of("lastNotNull")));
            case STATES -> options.put("mergeValues", true).put("showValue", "never");
            case HEATMAP -> {
                options.put("calculate", false);
                options.putObject("exemplars").put("color", "#D55E00");
                options.putObject("color").put("mode", "scheme").put("scheme", "Viridis");
                options.putObject("tooltip").put("mode", "single").put("yHistogram", true);
            }
        }
        return options;
    }

    private static ArrayNode calculations(List<String> names) {
        ArrayNode calculations = JSON.arrayNode();
        names.forEach(calculations::add);
        return calculations;
    }
}
