package io.edistream.cli.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.cli.Await;
import io.edistream.cli.CommandRun;
import io.edistream.cli.RunningCommands;
import io.edistream.cli.RunningCommands.Running;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.schemas.Topics;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two gateways with one configuration, one broker and one job; then one of them goes, and then the broker. */
@Timeout(180)
class TwoGatewaysITCase {

    @TempDir
    private Path folder;

    private EmbeddedKafka kafka;
    private UnsureEngine engine;
    private final RunningCommands commands = new RunningCommands();

    @BeforeEach
    void start() throws Exception {
        kafka = EmbeddedKafka.start();
        kafka.createTopics(Topics.DEFAULT, 1);
        engine = new UnsureEngine();
    }

    @AfterEach
    void stop() throws Exception {
        commands.close();
        engine.close();
        kafka.close();
    }

    @Test
    void eachIsASourceOfItsOwnAndNeitherNeedsTheOther() throws Exception {
        commands.job("--bootstrap-servers " + kafka.bootstrapServers() + " --abort armed --abort-last --abort-signal"
                + " mean_entropy --abort-limit 2 --abort-min-tokens 16 --abort-models m"
                + " --abort-kinds processed-bounded-20");
        Running one = gateway();
        Running other = gateway();
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        for (int round = 0; round < 10; round++) {
            answers.add(ask(round % 2 == 0 ? one : other, 100_000));
        }
        List<String> sources = new ArrayList<>();
        for (CompletableFuture<HttpResponse<String>> answer : answers) {
            sources.add(assertAborted(answer));
        }
        assertThat(sources.stream().distinct()).hasSize(2);
        assertThat(sources.subList(0, 2).stream().distinct()).hasSize(2);

        // A heartbeat says what the job reads, every two seconds.
        Await.until(() ->
                new CommandRun().execute("status", "--bootstrap-servers", kafka.bootstrapServers(), "--seconds", "1")
                        == 0);

        assertThat(other.stop()).isZero();
        assertAborted(ask(one, 100_000));

        kafka.stopBroker();
        HttpResponse<String> unwatched = ask(one, 300).get(60, TimeUnit.SECONDS);
        assertThat(unwatched.body())
                .contains("\"finish_reason\":\"length\"")
                .doesNotContain("edistream")
                .endsWith("data: [DONE]\n\n");
        String metrics = RunningCommands.url(one) + "/metrics";
        Await.until(() -> commands.get(metrics)
                .body()
                .contains("edistream_generator_kafka_reachable{topic=\"edistream.token-entropy.v1\"} 0.0"));
    }

    private Running gateway() throws Exception {
        Path config = folder.resolve("gateway.yaml");
        Files.writeString(
                config,
                "listen: 127.0.0.1:0\nupstreams: [{name: engine, url: '" + engine.url()
                        + "', kind: generic, vocabulary: 32000}]\n");
        return commands.gateway("--bootstrap-servers", kafka.bootstrapServers(), "--config", config.toString());
    }

    private CompletableFuture<HttpResponse<String>> ask(Running gateway, int tokens) throws Exception {
        return commands.chat(
                RunningCommands.url(gateway),
                "{\"model\":\"m\",\"stream\":true,\"messages\":[],\"max_tokens\":" + tokens + "}");
    }

    /** The source that watched it. */
    private static String assertAborted(CompletableFuture<HttpResponse<String>> answer) throws Exception {
        HttpResponse<String> whole = answer.get(60, TimeUnit.SECONDS);
        assertThat(whole.body())
                .contains("\"action\":\"abort\",\"reason\":\"mean_entropy ", "\"rule\":\"abort-above\"")
                .endsWith("data: [DONE]\n\n");
        return whole.headers().firstValue("X-Edistream-Sequences").orElseThrow().split("-", -1)[0];
    }
}
