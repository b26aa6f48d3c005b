package io.edistream.schemas.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The tables of the page are those of the catalogue; {@code -Dedistream.rewrite=true} writes them. */
class MetricsPageTest {

    private static final Path PAGE = Path.of("../docs/metrics.md");

    private static String table(List<Metric> metrics) {
        return metrics.stream()
                .map(metric -> "| `%s` | %s | %s | %s | %s |"
                        .formatted(
                                metric.name(),
                                metric.type().name().toLowerCase(Locale.ROOT),
                                metric.unit(),
                                metric.labels().isEmpty() ? "" : "`" + String.join("`, `", metric.labels()) + "`",
                                metric.help()))
                .collect(Collectors.joining(
                        "\n", "| name | type | unit | labels | meaning |\n|---|---|---|---|---|\n", "\n"));
    }

    /** The page with each part's table replaced; a part ends at the next heading. */
    private static String generated(String page) {
        StringBuilder whole = new StringBuilder();
        for (String part : page.split("(?m)(?=^## )")) {
            String heading = part.lines().findFirst().orElse("");
            List<Metric> metrics = Catalogue.parts().get(heading.replaceFirst("^## ", ""));
            String text = part.replaceAll("(?s)\\|.*\\|\n", "").stripTrailing();
            whole.append(metrics == null ? part : text + "\n\n" + table(metrics) + "\n");
        }
        return whole.toString().stripTrailing() + "\n";
    }

    @Test
    void isTheCatalogue() throws IOException {
        String page = Files.readString(PAGE);
        assertThat(page)
                .contains(Catalogue.parts().keySet().stream()
                        .map(part -> "\n## " + part + "\n")
                        .toList());
        if (Boolean.getBoolean("edistream.rewrite")) {
            Files.writeString(PAGE, generated(page));
        }
        assertThat(Files.readString(PAGE)).isEqualTo(generated(page));
    }

    @Test
    void namesAreUniqueAndSayTheirUnit() {
        List<Metric> all =
                Catalogue.parts().values().stream().flatMap(List::stream).toList();
        assertThat(all).extracting(Metric::name).doesNotHaveDuplicates();
        assertThat(all).allSatisfy(metric -> {
            assertThat(metric.name()).matches("(flink_taskmanager_job_task_operator_)?edistream_[a-z_]+");
            assertThat(metric.name().endsWith("_total")).isEqualTo(metric.type() == Metric.Type.COUNTER);
            assertThat(metric.labels()).doesNotContain("sequence", "sequence_id", "request", "generator");
            if (metric.unit().equals("seconds")) {
                assertThat(metric.name()).contains("_seconds");
            }
        });
    }
}
