package io.edistream.generator.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.edistream.generator.decode.ChatMessage;
import io.edistream.generator.decode.ChatMessage.Role;
import io.edistream.generator.decode.DecodeLoop;
import io.edistream.generator.decode.DecodeOptions;
import io.edistream.generator.decode.GenerationRequest;
import io.edistream.generator.decode.Prompt;
import io.edistream.generator.decode.Route;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.control.ControlOptions;
import io.edistream.sequences.control.RecordingOutcomePublisher;
import io.edistream.sequences.event.RecordingEntropyPublisher;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The decode loop over real weights, each model exported to a folder by {@code models/real-weights}, which runs this. {@code
 * expected.json} in a folder is what transformers made of the checkpoint.
 */
@EnabledIfSystemProperty(
        named = RealWeightsITCase.FOLDERS,
        matches = ".+",
        disabledReason = "models/real-weights makes them")
class RealWeightsITCase {

    /** Folders, with {@link File#pathSeparator} between them. */
    static final String FOLDERS = "edistream.real-weights";

    private static final double ENTROPY_TOLERANCE = 1e-4;

    static Stream<Path> folders() {
        return Arrays.stream(System.getProperty(FOLDERS).split(File.pathSeparator))
                .map(Path::of);
    }

    @ParameterizedTest
    @MethodSource("folders")
    @Timeout(300)
    void greedyTokensAndEntropiesAreThoseOfTransformers(Path folder) throws IOException {
        JsonNode cases =
                new ObjectMapper().readTree(folder.resolve("expected.json").toFile());
        try (Route route =
                FolderRoutes.load("default", folder, new TorchOptions(TorchOptions.Device.CPU, 16, 256, 1))) {
            DecodeLoop loop = new DecodeLoop(
                    List.of(route),
                    DecodeOptions.defaults(),
                    ControlOptions.defaults(),
                    new RecordingEntropyPublisher(),
                    new RecordingOutcomePublisher(),
                    new GeneratorMetrics(new PrometheusRegistry()),
                    () -> 0);
            List<GenerationHandle> handles = new ArrayList<>();
            for (JsonNode one : cases) {
                assertThat(route.prompts().encode(prompt(one))).isEqualTo(Models.integers(one.path("ids")));
                assertThat(one.path("tokens")).as("what is expected").isNotEmpty();
                GenerationRequest request = GenerationRequest.of(prompt(one))
                        .withSampling(Sampling.greedy())
                        .withMaxNewTokens(one.path("tokens").size());
                handles.add(loop.submit(request, 1).get(0));
            }
            assertThat(handles).hasSize(10);
            while (loop.step()) {
                // Each step brings every sequence one token nearer to its limit.
            }
            for (int i = 0; i < handles.size(); i++) {
                List<DecodedToken> tokens = handles.get(i).completion().join().tokens();
                assertThat(tokens.stream().map(DecodedToken::id))
                        .as(cases.get(i).toString())
                        .isEqualTo(Models.integers(cases.get(i).path("tokens")));
                assertThat(tokens.stream()
                                .mapToDouble(token -> token.stats().entropyNats())
                                .toArray())
                        .containsExactly(Models.doubles(cases.get(i).path("entropies")), within(ENTROPY_TOLERANCE));
            }
        }
    }

    private static Prompt prompt(JsonNode one) {
        if (one.has("prompt")) {
            return new Prompt.Text(one.path("prompt").textValue());
        }
        List<ChatMessage> messages = new ArrayList<>();
        for (JsonNode message : one.path("messages")) {
            messages.add(new ChatMessage(
                    Role.valueOf(message.path("role").textValue().toUpperCase(Locale.ROOT)),
                    message.path("content").textValue()));
        }
        return new Prompt.Messages(messages);
    }
}
