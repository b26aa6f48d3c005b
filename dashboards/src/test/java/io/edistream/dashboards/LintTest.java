package io.edistream.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The rules of Grafana's dashboard-linter, restated, on the files that are checked in: template-datasource, template-job,
 * template-instance, template-label-promql, template-on-time-change-reload, panel-datasource, panel-title-description,
 * panel-units, panel-no-targets, target-rate-interval, target-job, target-instance, target-counter-agg,
 * uneditable-dashboard. Not here: target-promql, for which {@code dashboards/test} asks promtool; both target-logql, as
 * nothing reads Loki.
 * And rules of our own: no numeric id, no inputs, a text without data, a question as title, all links with time and
 * variables, a guard under every division, one colour for one name.
 */
class LintTest {

    private static final Pattern SELECTOR = Pattern.compile("\\b((?:flink|edistream)_\\w+)(\\{[^}]*})?");

    static List<JsonNode> boards() {
        List<JsonNode> boards = Checked.boards();
        assertThat(boards).hasSameSizeAs(Boards.all());
        return boards;
    }

    @ParameterizedTest
    @MethodSource("boards")
    void boardStandsAlone(JsonNode board) {
        assertThat(board.at("/uid").asText()).startsWith("edistream-");
        assertThat(board.has("id")).isFalse();
        assertThat(board.has("__inputs")).isFalse();
        assertThat(board.at("/schemaVersion").asInt()).isEqualTo(39);
        assertThat(board.at("/graphTooltip").asInt()).isEqualTo(1);
        assertThat(board.at("/editable").asBoolean(true)).isFalse();
        for (JsonNode link : board.at("/links")) {
            assertThat(link.at("/type").asText()).isEqualTo("dashboards");
            assertThat(link.at("/includeVars").asBoolean()).isTrue();
            assertThat(link.at("/keepTime").asBoolean()).isTrue();
        }
        assertThat(board.at("/links")).isNotEmpty();
        assertThat(board.at("/annotations/list")).hasSize(4);
    }

    @ParameterizedTest
    @MethodSource("boards")
    void variablesChoose(JsonNode board) {
        Map<String, JsonNode> variables = new HashMap<>();
        board.at("/templating/list").forEach(v -> variables.put(v.at("/name").asText(), v));
        assertThat(variables).containsOnlyKeys("datasource", "job", "instance", "model", "route");
        JsonNode datasource = variables.remove("datasource");
        assertThat(datasource.at("/type").asText()).isEqualTo("datasource");
        assertThat(datasource.at("/query").asText()).isEqualTo("prometheus");
        assertThat(datasource.at("/label").asText()).isEqualTo("Data source");
        assertThat(datasource.at("/current").isObject()).isTrue();
        assertThat(datasource.at("/current")).isEmpty();
        variables.forEach((name, variable) -> {
            assertThat(variable.at("/type").asText()).isEqualTo("query");
            assertThat(variable.at("/label").asText()).isEqualToIgnoringCase(name);
            assertThat(variable.at("/datasource/uid").asText()).isEqualTo("${datasource}");
            assertThat(variable.at("/multi").asBoolean()).isTrue();
            assertThat(variable.at("/includeAll").asBoolean()).isTrue();
            assertThat(variable.at("/allValue").asText()).isEqualTo(".*");
            assertThat(variable.at("/refresh").asInt())
                    .as("reloaded when the time changes")
                    .isEqualTo(2);
            assertThat(variable.at("/query/query").asText())
                    .startsWith("label_values(")
                    .endsWith(", " + name + ")")
                    .doesNotContain("$", "_created");
        });
    }

    @ParameterizedTest
    @MethodSource("boards")
    void panelsExplainThemselves(JsonNode board) {
        Map<String, String> colours = new HashMap<>();
        List<Integer> ids = new ArrayList<>();
        for (JsonNode panel : board.at("/panels")) {
            String title = panel.at("/title").asText();
            ids.add(panel.at("/id").asInt());
            assertThat(title).endsWith("?");
            assertThat(panel.at("/description").asText()).as(title).contains("`");
            assertThat(panel.at("/datasource/type").asText()).as(title).isEqualTo("prometheus");
            assertThat(panel.at("/datasource/uid").asText()).as(title).isEqualTo("${datasource}");
            assertThat(panel.at("/fieldConfig/defaults/unit").asText())
                    .as(title)
                    .isNotBlank();
            assertThat(panel.at("/fieldConfig/defaults/noValue").asText())
                    .as(title)
                    .isNotBlank();
            assertThat(panel.at("/targets")).as(title).isNotEmpty();
            for (JsonNode override : panel.at("/fieldConfig/overrides")) {
                String colour = override.at("/properties/0/value/fixedColor").asText();
                String name = override.at("/matcher/options").asText();
                assertThat(colours.computeIfAbsent(name, unseen -> colour))
                        .as(name)
                        .isEqualTo(colour);
            }
            if (panel.at("/type").asText().equals("heatmap")) {
                JsonNode target = panel.at("/targets/0");
                assertThat(target.at("/format").asText()).isEqualTo("heatmap");
                assertThat(target.at("/legendFormat").asText()).isEqualTo("{{le}}");
                assertThat(target.at("/exemplar").asBoolean()).isTrue();
            }
        }
        assertThat(ids).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @MethodSource("boards")
    void expressionsAreBounded(JsonNode board) {
        for (JsonNode target : board.at("/panels").findValues("targets").stream()
                .flatMap(targets -> targets.findParents("expr").stream())
                .toList()) {
            String expression = target.at("/expr").asText();
            assertThat(target.at("/datasource/uid").asText()).isEqualTo("${datasource}");
            Pattern.compile("\\[([^\\]]*)]").matcher(expression).results().forEach(range -> assertThat(range.group(1))
                    .as(expression)
                    .isEqualTo("$__rate_interval"));
            SELECTOR.matcher(expression).results().forEach(selector -> assertThat(selector.group(2))
                    .as(expression)
                    .contains("job=~\"$job\"", "instance=~\"$instance\""));
            if (expression.contains(" / ")) {
                assertThat(expression).as("a division").containsPattern(" / \\(.* > 0\\)$");
            }
            // Counters stand in rate or increase; but in the balance, where counters are taken from counters.
            if (!expression.contains(" - ")) {
                assertThat(expression.replaceAll("(?:rate|increase)\\([^\\[]*\\[\\$__rate_interval]\\)", ""))
                        .doesNotContain("_total", "_bucket", "_count{");
            }
        }
    }
}
