package io.edistream.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.edistream.cli.Await;
import io.edistream.cli.CommandRun;
import io.edistream.cli.RunningCommands;
import io.edistream.cli.RunningCommands.Running;
import io.edistream.gateway.config.GatewayConfig;
import io.edistream.gateway.server.Gateway;
import io.edistream.gateway.server.Meters;
import io.edistream.generator.GeneratorOptions;
import io.edistream.generator.GeneratorParts;
import io.edistream.generator.GeneratorService;
import io.edistream.generator.torch.FolderRoutes;
import io.edistream.generator.torch.TorchOptions;
import io.edistream.http.ListenAddress;
import io.edistream.http.RegistryScrape;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.control.ControlAction;
import io.edistream.sequences.control.ControlCommand;
import io.edistream.sequences.control.LocalControlInbox;
import io.edistream.sequences.control.RecordingOutcomePublisher;
import io.edistream.sequences.event.EntropyPublisher;
import io.edistream.sequences.event.SequenceEnded;
import io.edistream.sequences.event.StepEvents;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Shipped models behind the face of the gateway, over a socket. */
@Timeout(180)
class ServeITCase {

    private static final Path MODELS = Path.of("..", "models");
    private static final String PROMPT = "Tom has 14 marbles. In January he buys 13 more. In February he loses 5."
            + " How many marbles does Tom have now?";
    private static final JsonMapper MAPPER = new JsonMapper();

    @TempDir
    private Path folder;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Test
    void itAnswersWithoutABrokerWhatGenerateDoes() throws Exception {
        Path config = Files.writeString(folder.resolve("serve.yaml"), "listen: 127.0.0.1:0\n");
        try (RunningCommands commands = new RunningCommands()) {
            Running serving = commands.start(
                    "serve",
                    "--bootstrap-servers=localhost:1",
                    "--model=" + MODELS.resolve("reasoner-s"),
                    "--config=" + config,
                    "--queue=8",
                    "--access-log");
            CommandRun run = serving.run();
            String url = RunningCommands.url(serving);

            JsonNode whole = MAPPER.readTree(post(
                            url,
                            "{\"model\":\"reasoner-s\",\"prompt\":\"" + PROMPT + "\",\"temperature\":0,\"logprobs\":3}")
                    .body());
            assertThat(whole.at("/choices/0/text").asText()).isEqualTo(generated());
            assertThat(whole.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
            JsonNode logprobs = whole.at("/choices/0/logprobs");
            assertThat(logprobs.path("tokens").size())
                    .isEqualTo(whole.at("/usage/completion_tokens").asInt() - 1);
            StringBuilder words = new StringBuilder();
            logprobs.path("tokens").forEach(token -> words.append(token.asText()));
            assertThat(withoutBlanks(words.toString()))
                    .as("where its blanks go, this model's vocabulary says for two tokens at a time")
                    .isEqualTo(withoutBlanks(whole.at("/choices/0/text").asText()));
            assertThat(logprobs.path("top_logprobs"))
                    .allSatisfy(alternatives -> assertThat(alternatives.size()).isBetween(3, 4));
            assertThat(logprobs.path("token_logprobs"))
                    .allSatisfy(one -> assertThat(one.asDouble()).isBetween(-20.0, 0.0));

            HttpResponse<String> stream =
                    post(url, "{\"prompt\":\"" + PROMPT + "\",\"temperature\":0,\"stream\":true,\"max_tokens\":256}");
            assertThat(text(stream.body()))
                    .isEqualTo(whole.at("/choices/0/text").asText());
            assertThat(stream.headers().firstValue("X-Edistream-Kind")).hasValue("raw-exact");

            HttpResponse<String> chat = http.send(
                    request(url + "/v1/chat/completions", "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(chat.statusCode()).isEqualTo(400);
            assertThat(chat.body()).contains("the model has no chat template");
            assertThat(post(url, "{\"prompt\":\"Xylophones?\"}").body()).contains("does not know the word");
            HttpResponse<String> tooMany = post(url, "{\"prompt\":\"" + PROMPT + "\",\"n\":9}");
            assertThat(tooMany.statusCode()).isEqualTo(429);
            assertThat(tooMany.body()).contains("9 requests refused: 0 wait already, and at most 8 may");
            Await.until(() -> run.out().lines().count() >= 5);
            assertThat(run.out()).contains("\"model\":\"reasoner-s\"").doesNotContain("marbles");
            assertThat(serving.stop()).isZero();
        }
    }

    @Test
    void anAbortEndsAStreamProperly() throws Exception {
        LocalControlInbox commands = new LocalControlInbox(MicrosClock.system());
        AtFirstToken events = new AtFirstToken(commands, ControlAction.ABORT, null);
        try (GeneratorService generator = generator(commands, events);
                Gateway gateway = gateway(generator)) {
            String stream = post(
                            "http://" + gateway.address(),
                            "{\"model\":\"reasoner-s\",\"prompt\":\"" + PROMPT + "\",\"stream\":true}")
                    .body();
            JsonNode end = events(stream).get(events(stream).size() - 1);
            assertThat(end.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
            assertThat(end.path("edistream"))
                    .hasToString("{\"choice\":0,\"action\":\"abort\",\"reason\":\"of a test\",\"rule\":\"at-once\","
                            + "\"token\":1}");
            assertThat(stream).endsWith("data: [DONE]\n\n");
            assertThat(text(stream)).isEqualTo(events.ended.get(0).text());
        }
    }

    @Test
    void aRerouteGoesOnInTheSameStream() throws Exception {
        LocalControlInbox commands = new LocalControlInbox(MicrosClock.system());
        AtFirstToken events = new AtFirstToken(commands, ControlAction.REROUTE, "stronger");
        try (GeneratorService generator = generator(commands, events);
                Gateway gateway = gateway(generator)) {
            String stream = post(
                            "http://" + gateway.address(),
                            "{\"model\":\"reasoner-s\",\"prompt\":\"" + PROMPT
                                    + "\",\"temperature\":0,\"stream\":true}")
                    .body();
            assertThat(stream).contains("\"finish_reason\":\"stop\"").endsWith("data: [DONE]\n\n");
            assertThat(events.ended)
                    .extracting(SequenceEnded::reason)
                    .containsExactly(EndReason.REROUTED, EndReason.END_OF_SEQUENCE);
            assertThat(text(stream))
                    .isEqualTo(events.ended.get(0).text() + events.ended.get(1).text());
        }
    }

    /** Lets a rule fire at the first token that it sees. */
    private static final class AtFirstToken implements EntropyPublisher {

        private final LocalControlInbox commands;
        private final ControlAction action;
        private final @Nullable String route;
        private final List<SequenceEnded> ended = new CopyOnWriteArrayList<>();
        private boolean fired;

        AtFirstToken(LocalControlInbox commands, ControlAction action, @Nullable String route) {
            this.commands = commands;
            this.action = action;
            this.route = route;
        }

        @Override
        public void publish(StepEvents step) {
            ended.addAll(step.ends());
            if (!fired && !step.runs().isEmpty()) {
                fired = true;
                commands.send(command(step.runs().get(0).sequence()));
            }
        }

        private ControlCommand command(long sequence) {
            long now = MicrosClock.system().micros();
            return new ControlCommand(
                    new UUID(1, sequence),
                    sequence,
                    action,
                    true,
                    new ControlCommand.Cause("at-once", 1, "reasoner-s", "default", null, "of a test"),
                    new ControlCommand.Timing(0, now, 0, now, 0),
                    new ControlCommand.Arguments(false, null, 0, 0, 0, route, false, null, null, List.of(), Map.of()));
        }

        @Override
        public void close() {}
    }

    private static GeneratorService generator(LocalControlInbox commands, EntropyPublisher events) {
        return GeneratorService.start(
                new GeneratorParts(
                        List.of(
                                FolderRoutes.load("default", MODELS.resolve("reasoner-s"), TorchOptions.defaults()),
                                FolderRoutes.load("stronger", MODELS.resolve("reasoner-l"), TorchOptions.defaults())),
                        events,
                        commands,
                        new RecordingOutcomePublisher(),
                        new GeneratorMetrics(new PrometheusRegistry()),
                        MicrosClock.system()),
                GeneratorOptions.defaults());
    }

    private static Gateway gateway(GeneratorService generator) throws IOException {
        PrometheusRegistry registry = new PrometheusRegistry();
        GatewayConfig usual = GatewayConfig.forEngine();
        return Gateway.serve(
                new GatewayConfig(
                        ListenAddress.parse("listen", "127.0.0.1:0"),
                        null,
                        List.of(),
                        List.of(),
                        List.of(),
                        usual.limits()),
                new GeneratorEngine(generator, 7, 256),
                new Meters(registry),
                new RegistryScrape(registry),
                null,
                new Random(1));
    }

    private String generated() throws IOException {
        Path lines = folder.resolve("prompts.jsonl");
        Files.writeString(lines, "{\"id\":\"a\",\"prompt\":\"" + PROMPT + "\",\"temperature\":0}\n");
        CommandRun run = new CommandRun();
        assertThat(run.execute(
                        "generate",
                        "--bootstrap-servers=localhost:1",
                        "--model=" + MODELS.resolve("reasoner-s"),
                        lines.toString()))
                .as(run.toString())
                .isZero();
        return MAPPER.readTree(run.out()).path("text").asText();
    }

    private HttpResponse<String> post(String url, String body) throws IOException, InterruptedException {
        return http.send(request(url + "/v1/completions", body), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpRequest request(String url, String body) {
        return HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private static String withoutBlanks(String text) {
        return text.replace(" ", "");
    }

    private static List<JsonNode> events(String stream) throws IOException {
        List<JsonNode> events = new ArrayList<>();
        for (String line : stream.lines().toList()) {
            if (line.startsWith("data: {")) {
                events.add(MAPPER.readTree(line.substring("data: ".length())));
            }
        }
        return events;
    }

    private static String text(String stream) throws IOException {
        StringBuilder text = new StringBuilder();
        events(stream).forEach(event -> text.append(event.at("/choices/0/text").asText("")));
        return text.toString();
    }
}
