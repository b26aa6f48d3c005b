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
import java.util.concurrent.TimeUnit;
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

    @TempDir
    private Path folder;

    @Test
    void aRuleEndsAStory() throws Exception {
        Path config = folder.resolve("gateway.yaml");
        Files.writeString(
                config,
                "listen: 127.0.0.1:0\nupstreams: [{name: engine, url: '" + System.getProperty(URL) + "', kind: " + KIND
                        + ", vocabulary: 49152}]\n");
        assertThat(new CommandRun().execute("gateway", "check", "--config", config.toString()))
                .isZero();
        try (EmbeddedKafka kafka = EmbeddedKafka.start();
                RunningCommands commands = new RunningCommands()) {
            kafka.createTopics(Topics.DEFAULT, 1);
            String brokers = kafka.bootstrapServers();
            // A limit that most stories of so small a model are above.
            Running job = commands.job("--bootstrap-servers " + brokers + " --abort armed --abort-last"
                    + " --abort-signal mean_entropy --abort-limit 0.5 --abort-min-tokens 16"
                    + " --abort-models smollm2 --abort-kinds raw-bounded-20");
            Running gateway =
                    commands.gateway("--bootstrap-servers", brokers, "--config", config.toString(), "--access-log");
            String url = RunningCommands.url(gateway);

            HttpResponse<String> story = commands.chat(
                            url,
                            "{\"model\":\"smollm2\",\"stream\":true,\"temperature\":1.5,\"seed\":1,\"ignore_eos\":true,"
                                    + "\"max_tokens\":1500,\"messages\":[{\"role\":\"user\",\"content\":"
                                    + "\"Tell me a long story about a dragon.\"}]}")
                    .get(120, TimeUnit.SECONDS);
            assertThat(story.body())
                    .contains("\"action\":\"abort\",\"reason\":\"mean_entropy ", "\"rule\":\"abort-above\"")
                    .contains("\"finish_reason\":\"stop\"")
                    .endsWith("data: [DONE]\n\n");
            Await.until(() -> job.run().err().contains("ABORT ARMED by rule abort-above"));
            Await.until(() -> gateway.run().out().contains("\"outcome\":\"complete\""));
            assertThat(gateway.run().out()).contains("\"model\":\"smollm2\"").doesNotContain("dragon");
            assertThat(commands.get(url + "/metrics").body())
                    .contains("edistream_gateway_closed_streams_total{reason=\"aborted\",upstream=\"engine\"} 1.0")
                    .contains("edistream_generator_commands_total{action=\"abort\",outcome=\"applied\"} 1.0");
            assertThat(gateway.stop()).isZero();
        }
    }
}
