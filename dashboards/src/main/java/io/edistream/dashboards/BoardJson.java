package io.edistream.dashboards;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.schemas.metrics.ExporterMetrics;
import io.edistream.schemas.metrics.Metric;
import java.util.stream.Collectors;

/** A board as Grafana 11 imports it, schema version 39. */
final class BoardJson {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final int COLUMNS = 24;
    private static final String TAG = "edistream";

    private BoardJson() {}

    /** The text of the file, with a newline at its end. */
    static String text(Board board) {
        return new ObjectMapper().valueToTree(node(board)).toPrettyString().replace("\r\n", "\n") + "\n";
    }

    private static ObjectNode node(Board board) {
        ObjectNode node = JSON.objectNode();
        node.put("uid", board.uid());
        node.put("title", board.title());
        node.put("description", board.description());
        node.putArray("tags").add(TAG);
        node.put("schemaVersion", 39);
        node.put("editable", false);
        node.put("graphTooltip", 1);
        node.put("refresh", "30s");
        node.put("timezone", "browser");
        node.putObject("time").put("from", "now-1h").put("to", "now");
        node.putObject("annotations").set("list", annotations());
        node.putArray("links").add(link());
        node.putObject("templating").set("list", variables(board));
        ArrayNode panels = node.putArray("panels");
        int x = 0;
        int y = 0;
        for (Panel panel : board.panels()) {
            if (x + panel.width() > COLUMNS) {
                x = 0;
                y += Panel.HEIGHT;
            }
            ObjectNode drawn = PanelJson.node(panel, panels.size() + 1);
            drawn.putObject("gridPos")
                    .put("x", x)
                    .put("y", y)
                    .put("w", panel.width())
                    .put("h", Panel.HEIGHT);
            panels.add(drawn);
            x += panel.width();
        }
        return node;
    }

    /** What every panel and variable reads from: what is chosen at the top. */
    static ObjectNode datasource() {
        return JSON.objectNode().put("type", "prometheus").put("uid", "${datasource}");
    }

    private static ObjectNode link() {
        ObjectNode link = JSON.objectNode();
        link.put("type", "dashboards").put("title", "Edistream").put("icon", "external link");
        link.putArray("tags").add(TAG);
        return link.put("asDropdown", true).put("includeVars", true).put("keepTime", true);
    }

    private static ArrayNode annotations() {
        return JSON.arrayNode()
                .add(annotation(
                        "Alerts",
                        "#CC3311",
                        "ALERTS{alertstate=\"firing\",alertname=~\"Edistream.*\"}",
                        "{{alertname}}"))
                .add(annotation(
                        "Restarts of the job",
                        "#E69F00",
                        "changes(" + FlinkMetrics.RESTARTS.name() + "[1m]) > 0",
                        "{{job_name}} restarted"))
                .add(annotation(
                        "Changes of rules",
                        "#56B4E9",
                        "changes(" + ExporterMetrics.RULE_REVISION.name() + "[1m]) > 0",
                        "{{rule}} has a new revision"))
                .add(annotation(
                        "Changes of modes",
                        "#56B4E9",
                        "changes(" + ExporterMetrics.RULE_MODE.name() + "[1m]) > 0 and "
                                + ExporterMetrics.RULE_MODE.name() + " == 1",
                        "{{rule}} is {{mode}} now"));
    }

    private static ObjectNode annotation(String name, String colour, String expression, String title) {
        ObjectNode annotation = JSON.objectNode();
        annotation.set("datasource", datasource());
        return annotation
                .put("enable", true)
                .put("name", name)
                .put("iconColor", colour)
                .put("expr", expression)
                .put("titleFormat", title)
                .put("step", "60s");
    }

    private static ArrayNode variables(Board board) {
        ObjectNode datasource = JSON.objectNode();
        datasource.put("name", "datasource").put("label", "Data source").put("type", "datasource");
        datasource.put("query", "prometheus").put("refresh", 1);
        datasource.putObject("current");
        String names = board.processes().stream().map(Metric::name).collect(Collectors.joining("|"));
        String processes = "{__name__=~\"" + names + "\"}";
        return JSON.arrayNode()
                .add(datasource)
                .add(variable("job", "Job", processes))
                .add(variable("instance", "Instance", processes))
                .add(variable("model", "Model", board.models().name()))
                .add(variable("route", "Route", board.models().name()));
    }

    private static ObjectNode variable(String name, String label, String series) {
        String query = "label_values(" + series + ", " + name + ")";
        ObjectNode variable = JSON.objectNode();
        variable.put("name", name).put("label", label).put("type", "query");
        variable.set("datasource", datasource());
        variable.putObject("query").put("query", query).put("refId", "PrometheusVariableQueryEditor-VariableQuery");
        variable.put("definition", query);
        variable.put("multi", true).put("includeAll", true);
        // Not .+: a source that names no model or route has an empty label, and is to be seen, too.
        variable.put("allValue", ".*");
        variable.putObject("current").put("selected", true).put("text", "All").put("value", "$__all");
        return variable.put("refresh", 2).put("sort", 1);
    }
}
