package io.edistream.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.schemas.metrics.Catalogue;
import io.edistream.schemas.metrics.Metric;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every metric that a board or an alert names is exported, and every metric is looked at somewhere. */
class NamesTest {

    private static final Pattern NAME = Pattern.compile("\\b(?:flink|edistream)_[a-zA-Z0-9_]+");
    /** Metrics that no board and no alert reads, each for a reason. */
    private static final Set<String> UNUSED = Set.of();

    @Test
    void boardsAndRulesNameWhatIsExported() {
        Set<String> known = Stream.concat(own(), FlinkMetrics.all().stream())
                .flatMap(NamesTest::series)
                .collect(Collectors.toSet());
        assertThat(named()).isSubsetOf(known);
    }

    @Test
    void everyMetricIsLookedAt() {
        Set<String> named = named();
        Set<String> unused = own().filter(metric -> series(metric).noneMatch(named::contains))
                .map(Metric::name)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(unused).isEqualTo(UNUSED);
    }

    @Test
    void everyAlertHasItsSectionInTheHandbook() {
        String page = Checked.read(Checked.MODULE.resolve("../docs/operations.md"));
        List<String> slugs = Pattern.compile("(?m)^#+ (.+)$")
                .matcher(page)
                .results()
                .map(heading ->
                        heading.group(1).toLowerCase(java.util.Locale.ROOT).replace(' ', '-'))
                .toList();
        List<String> alerts = found("(?m)- alert: (\\w+)$", Checked.rules());
        List<String> anchors = found("(?m)runbook: docs/operations\\.md#(\\S+)$", Checked.rules());
        assertThat(anchors)
                .isEqualTo(alerts.stream()
                        .map(alert -> alert.toLowerCase(java.util.Locale.ROOT))
                        .toList());
        assertThat(alerts).isNotEmpty().doesNotHaveDuplicates();
        assertThat(slugs).containsAll(anchors).doesNotHaveDuplicates();
        assertThat(alerts).containsAll(found("(?m)^#+ (Edistream\\w+)$", page));
    }

    private static List<String> found(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(result -> result.group(1))
                .toList();
    }

    private static Stream<Metric> own() {
        return Catalogue.parts().values().stream().flatMap(List::stream);
    }

    private static Stream<String> series(Metric metric) {
        return metric.type() == Metric.Type.HISTOGRAM
                ? Stream.of("_bucket", "_count", "_sum").map(suffix -> metric.name() + suffix)
                : Stream.of(metric.name());
    }

    /** All names in expressions: descriptions are left out, because they name histograms without a suffix. */
    private static Set<String> named() {
        Stream<String> expressions = Checked.boards().stream()
                .flatMap(board -> Stream.concat(
                        board.findValuesAsText("expr").stream(), board.findValuesAsText("definition").stream()));
        String rules = Checked.rules().replaceAll("(?m)^#.*$", "");
        return Stream.concat(expressions, Stream.of(rules))
                .flatMap(text -> NAME.matcher(text).results().map(java.util.regex.MatchResult::group))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
