package io.edistream.cli.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.cli.Await;
import io.edistream.cli.CommandRun;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.schemas.Topics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** A rule of a job ends what a real engine, which {@code gateway/real-engine} or {@code gateway/vllm} starts, tells a client of a gateway. */
@Timeout(180)
@EnabledIfSystemProperty(
        named = GatewayLoopITCase.URL,
        matches = ".+",
        disabledReason = "gateway/real-engine and gateway/vllm start an engine")
class GatewayLoopITCase {

    /** Its address. */
    static final String URL = "edistream.engine";

    private static final String KIND = System.getProperty("edistream.engine.kind", "llamacpp");

    private static final Pattern BASE = Pattern.compile("base URL (http://[^/]+)/v1");
    private static final Pattern JOB = Pattern.compile("metrics at (http://[^/]+)/metrics");

    @TempDir
    private Path folder;

    private final CommandRun job = new CommandRun();
    private final CommandRun gateway = new CommandRun();
    private final Map<CommandRun, Thread> threads = new HashMap<>();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Test
    void aRuleEndsAStory() throws Exception {
        Path config = folder.resolve("gateway.yaml");
        Files.writeString(
                config,
                "listen: 127.0.0.1:0\nupstreams: [{name: engine, url: '" + System.getProperty(URL) + "', kind: " + KIND
                        + ", vocabulary: 49152}]\n");
        assertThat(new CommandRun().execute("gateway", "check", "--config", config.toString()))
                .isZero();
        try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
            kafka.createTopics(Topics.DEFAULT, 1);
            String brokers = kafka.bootstrapServers();
            // A limit that most stories of so small a model are above.
            CompletableFuture<Integer> jobEnds = start(
                    job,
                    ("job --bootstrap-servers " + brokers + " --metrics 127.0.0.1:0 --abort armed --abort-last"
                                    + " --abort-signal mean_entropy --abort-limit 0.5 --abort-min-tokens 16"
                                    + " --abort-models smollm2 --abort-kinds raw-bounded-20")
                            .split(" "));
            CompletableFuture<Integer> gatewayEnds = start(
                    gateway, "gateway", "--bootstrap-servers", brokers, "--config", config.toString(), "--access-log");
            Await.until(() -> JOB.matcher(job.err()).find());
            Await.until(() -> get(found(JOB, job.err()) + "/readyz").statusCode() == 200);
            Await.until(() -> BASE.matcher(gateway.err()).find());

            HttpResponse<String> story = http.send(
                    HttpRequest.newBuilder(URI.create(found(BASE, gateway.err()) + "/v1/chat/completions"))
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(
                                    "{\"model\":\"smollm2\",\"stream\":true,\"temperature\":1.5,\"seed\":1,\"ignore_eos\":true,"
                                            + "\"max_tokens\":1500,\"messages\":[{\"role\":\"user\",\"content\":"
                                            + "\"Tell me a long story about a dragon.\"}]}"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(story.body())
                    .contains("\"action\":\"abort\",\"reason\":\"mean_entropy ", "\"rule\":\"abort-above\"")
                    .contains("\"finish_reason\":\"stop\"")
                    .endsWith("data: [DONE]\n\n");
            Await.until(() -> job.err().contains("ABORT ARMED by rule abort-above"));
            Await.until(() -> gateway.out().contains("\"outcome\":\"complete\""));
            assertThat(gateway.out()).contains("\"model\":\"smollm2\"").doesNotContain("dragon");
            String metrics = get(found(BASE, gateway.err()) + "/metrics").body();
            assertThat(metrics)
                    .contains("edistream_gateway_closed_streams_total{reason=\"aborted\",upstream=\"engine\"} 1.0")
                    .contains("edistream_generator_commands_total{action=\"abort\",outcome=\"applied\"} 1.0");
            stop(job, jobEnds);
            assertThat(stop(gateway, gatewayEnds)).isZero();
        }
    }

    private CompletableFuture<Integer> start(CommandRun run, String... arguments) {
        CompletableFuture<Integer> exit = new CompletableFuture<>();
        Thread thread = new Thread(() -> exit.complete(run.execute(arguments)));
        threads.put(run, thread);
        thread.start();
        return exit;
    }

    private int stop(CommandRun run, CompletableFuture<Integer> exit) throws Exception {
        threads.get(run).interrupt();
        return exit.get(60, TimeUnit.SECONDS);
    }

    private HttpResponse<String> get(String url) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String found(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        assertThat(matcher.find()).as(text).isTrue();
        return matcher.group(1);
    }
}
