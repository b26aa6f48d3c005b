package io.edistream.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.edistream.cli.CommandRun;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command as a user runs it: the shipped model, a broker, a Flink cluster, all in this JVM. */
class DemoE2ECase {

    @TempDir
    private Path folder;

    private static final long THREAD_PATIENCE_MILLIS = 30_000;

    private static final long POLL_MILLIS = 20;

    private final AtomicInteger exitCode = new AtomicInteger();
    private final CommandRun command = new CommandRun();

    @Test
    void abortsAndBranchesTakeEffectAndEveryScoreIsRight() throws IOException, InterruptedException {
        Set<String> threadsBefore = threads();
        Path file = folder.resolve("run.json");
        // Limits so low that both rules must fire.
        assertThat(demo("--problems=3", "--seed=7", "--abort-limit=5", "--branch-limit=0.7", "--report=" + file))
                .as(command.toString())
                .isZero();

        JsonNode run = new JsonMapper().readTree(file.toFile());
        JsonNode report = run.path("summary");
        assertThat(report.path("problems").intValue()).isEqualTo(3);
        assertThat(report.path("sequences").intValue()).isGreaterThan(12);
        assertThat(report.path("tokens_generated").longValue()).isPositive();
        assertThat(report.path("tokens_per_second").doubleValue()).isPositive();
        assertThat(report.at("/commands/ABORT").intValue()).isPositive();
        assertThat(report.at("/commands/BRANCH").intValue()).isPositive();
        assertThat(report.at("/outcomes/APPLIED").intValue()).isPositive();
        assertThat(report.at("/reaction_tokens/p50").doubleValue()).isNotNegative();
        assertThat(report.at("/reaction_ms/p99").doubleValue()).isPositive();
        assertThat(report.path("rejected").intValue()).isZero();
        assertThat(report.path("scores_checked").intValue())
                .isEqualTo(report.path("sequences").intValue());
        assertThat(report.path("scores_mismatched").intValue()).isZero();
        assertThat(report.path("accuracy").doubleValue()).isBetween(0.0, 1.0);
        assertThat(command.out())
                .containsPattern("ABORT  #\\d+ +\\+\\d+ tokens?, \\d+ ms: edis \\d")
                .containsPattern("BRANCH #\\d+ +\\+\\d+ tokens?, \\d+ ms, to #\\d+");
        assertThat(run.path("state").textValue()).isEqualTo("complete");
        assertThat(run.path("sequences")).hasSize(report.path("sequences").intValue());
        assertThat(run.path("free")).hasSize(3 * 4);
        assertThat(run.at("/verdict/compared").intValue()).isEqualTo(3 * 4);
        assertThat(run.at("/verdict/equal").intValue())
                .as("equal seeds give equal text")
                .isEqualTo(3 * 4);
        assertThat(run.at("/verdict/stopped").intValue()).isPositive();
        assertThat(command.out()).containsPattern("\\[.+\\].*\" and is cut off").contains("Right by majority");
        long ended = report.path("sequences").longValue();
        assertThat(command.out().lines().filter(line -> line.startsWith("#")))
                .as("one line for each sequence that ended")
                .hasSize((int) ended);
        awaitEndOfOtherThan(threadsBefore);
        assertThat(threads()).isSubsetOf(threadsBefore);
    }

    @ParameterizedTest
    @ValueSource(strings = {"run.json", "run.html"})
    void anInterruptedRunLeavesAReportOfWhatIsKnown(String name) throws IOException, InterruptedException {
        Path file = folder.resolve(name);
        Thread worker = new Thread(() -> exitCode.set(demo("--problems=2000", "--report=" + file)), "interrupted-demo");
        worker.start();
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(THREAD_PATIENCE_MILLIS);
        while (!command.out().contains(" and is ") && System.nanoTime() < deadline) {
            worker.join(POLL_MILLIS);
        }
        worker.interrupt();
        worker.join(THREAD_PATIENCE_MILLIS);
        assertThat(exitCode.get()).as(command.toString()).isEqualTo(1);
        assertThat(command.err()).contains("interrupted");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
        if (name.endsWith(".json")) {
            JsonNode run = new JsonMapper().readTree(file.toFile());
            assertThat(run.path("state").textValue()).isEqualTo("interrupted");
            assertThat(run.path("problems")).hasSize(2000);
            assertThat(run.path("sequences")).isNotEmpty();
            assertThat(run.path("verdict").isNull()).isTrue();
        } else {
            assertThat(file).content().contains("This run is interrupted").endsWith("</html>\n");
        }
    }

    /** Scraped as Prometheus would, until generator and job have counted something. */
    @Test
    void generatorAndJobShowTheirMetricsWhileItRuns() throws IOException, InterruptedException {
        Thread worker = new Thread(() -> exitCode.set(demo("--problems=2000", "--metrics=127.0.0.1:0")), "shown-demo");
        worker.start();
        HttpClient client = HttpClient.newHttpClient();
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(THREAD_PATIENCE_MILLIS);
        String page = "";
        String ready = "";
        while (!(page.matches("(?s).*edistream_generator_tokens_total\\{[^}]*} [1-9].*")
                        && page.matches("(?s).*operator_edistream_tokens_total\\{[^}]*} [1-9].*")
                        && ready.contains("decoded with control"))
                && System.nanoTime() < deadline) {
            worker.join(POLL_MILLIS);
            Matcher address =
                    Pattern.compile("metrics at (http://[^/]+)/metrics").matcher(command.err());
            if (address.find()) {
                page = get(client, address.group(1) + "/metrics");
                ready = get(client, address.group(1) + "/readyz");
            }
        }
        worker.interrupt();
        worker.join(THREAD_PATIENCE_MILLIS);
        assertThat(System.nanoTime()).as(page + ready).isLessThan(deadline);
        assertThat(page).containsOnlyOnce("edistream_build_info{");
    }

    private static String get(HttpClient client, String uri) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(uri)).build();
        return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--problems=0; --problems 0: must be 1 to 10000",
                "--problems=10001; --problems 10001: must be 1 to 10000",
                "--samples=0; --samples 0: must be 1 to 64",
                "--samples=65; must be 1 to 64",
                "--temperature=-1; --temperature -1.0: must be 0 to 2.0",
                "--temperature=2.1; must be 0 to 2.0",
                "--abort-limit=-1; --abort-limit -1.0: must be finite and at least 0",
                "--branch-limit=NaN; --branch-limit NaN",
                "--models=absent; problem templates cannot be read",
                "--report=absent/run.json; --report absent/run.json: must be a file in a folder that can be written to",
                "--metrics=9404; --metrics 9404: must be host:port",
                "--report=run.txt; --report run.txt: must end in .json or .html",
                "--seed=x; Invalid value for option '--seed'"
            })
    void aWrongOptionIsRefusedBeforeAnythingStarts(String wrong, String reason) {
        assertThat(demo(wrong.split(" "))).isEqualTo(2);
        assertThat(command.err()).contains(reason).doesNotContain("starting Kafka");
    }

    private int demo(String... options) {
        List<String> arguments = new ArrayList<>(List.of("demo", "--models=" + Path.of("..", "models")));
        arguments.addAll(List.of(options));
        return command.execute(arguments.toArray(String[]::new));
    }

    /** Netty keeps a thread for a second after its last task, in case another one comes. */
    private static void awaitEndOfOtherThan(Set<String> names) throws InterruptedException {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (!thread.isDaemon() && !names.contains(thread.getName())) {
                thread.join(THREAD_PATIENCE_MILLIS);
            }
        }
    }

    private static Set<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !thread.isDaemon())
                .map(Thread::getName)
                .collect(Collectors.toSet());
    }
}
