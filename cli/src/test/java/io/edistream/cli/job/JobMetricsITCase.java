package io.edistream.cli.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.cli.Await;
import io.edistream.cli.CommandRun;
import io.edistream.cli.Edistream;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.schemas.Topics;
import io.edistream.schemas.metrics.JobMetrics;
import io.edistream.schemas.metrics.Metric;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a job in one JVM shows is what the page of metrics says of a job, which a cluster's is compared with too. */
@Timeout(180)
class JobMetricsITCase {

    private static final Pattern ADDRESS = Pattern.compile("metrics at (http://[^/]+)/metrics");
    private static final Pattern SERIES = Pattern.compile("([a-zA-Z_:]+)(?:\\{(.*)})? .*");
    private static final String OWN = "flink_taskmanager_job_task_operator_edistream_";

    /** By which Flink says which job, task and operator it is, and which boards choose by. */
    private static final List<String> FLINK_LABELS =
            List.of("host", "job_id", "job_name", "operator_name", "subtask_index", "task_name");

    private final CommandRun run = new CommandRun();
    private final HttpClient client = HttpClient.newHttpClient();

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        Matcher address = ADDRESS.matcher(run.err());
        assertThat(address.find()).as(run.err()).isTrue();
        return client.send(
                HttpRequest.newBuilder(URI.create(address.group(1) + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void everyMetricIsThereBeforeTheFirstEventByTheNamesOfFlinksReporter() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
            kafka.createTopics(Topics.DEFAULT, 1);
            CompletableFuture<Integer> exit = new CompletableFuture<>();
            Thread job = new Thread(() -> exit.complete(
                    run.execute("job", "--bootstrap-servers", kafka.bootstrapServers(), "--metrics", "127.0.0.1:0")));
            job.start();
            Await.until(() -> run.err().contains("/metrics\n"));
            assertThat(get("/healthz").statusCode()).isEqualTo(200);
            Await.until(() -> get("/readyz").statusCode() == 200);

            String page = get("/metrics").body();
            Map<String, Set<String>> labelsByName = labelsByName(page);
            Set<String> own = labelsByName.keySet().stream()
                    .filter(name -> name.startsWith(OWN))
                    .collect(Collectors.toSet());
            assertThat(own)
                    .containsExactlyInAnyOrderElementsOf(
                            JobMetrics.all().stream().map(Metric::name).toList());
            assertThat(JobMetrics.all()).allSatisfy(metric -> {
                Set<String> expected = new HashSet<>(FLINK_LABELS);
                expected.addAll(metric.labels());
                assertThat(labelsByName.get(metric.name())).as(metric.name()).isEqualTo(expected);
            });
            assertThat(page)
                    .contains("edistream_build_info{version=\"" + Edistream.Version.number() + "\",} 1.0")
                    .as("names as they are")
                    .contains("topic=\"edistream.scores.v1\"");
            assertThat(labelsByName).containsKeys("flink_jobmanager_job_uptime", "flink_jobmanager_job_numRestarts");

            kafka.stopBroker();
            Await.until(() -> get("/readyz").statusCode() == 503);
            assertThat(get("/readyz").body()).contains("Kafka does not answer");
            kafka.startBroker();
            Await.until(() -> get("/readyz").statusCode() == 200);
            job.interrupt();
            assertThat(exit.get(60, TimeUnit.SECONDS)).as(run.err()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "9405 | --metrics 9405: must be host:port",
                "localhost:70000 | --metrics localhost:70000: must be host:port",
                "192.0.2.1:9405 | --metrics 192.0.2.1:9405: cannot be opened: "
            })
    void whatIsNoAddressOfThisMachineIsRefusedBeforeAnythingStarts(String address, String message) {
        assertThat(run.execute("job", "--bootstrap-servers", "localhost:1", "--metrics", address))
                .isEqualTo(2);
        assertThat(run.err()).startsWith("edistream: " + message);
    }

    private static Map<String, Set<String>> labelsByName(String page) {
        return page.lines()
                .map(SERIES::matcher)
                .filter(Matcher::matches)
                .collect(Collectors.toMap(
                        line -> line.group(1),
                        line -> Pattern.compile("([a-z_]+)=\"")
                                .matcher(String.valueOf(line.group(2)))
                                .results()
                                .map(label -> label.group(1))
                                .collect(Collectors.toSet()),
                        (one, other) -> one));
    }
}
