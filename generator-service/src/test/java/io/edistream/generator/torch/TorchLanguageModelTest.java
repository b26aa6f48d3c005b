package io.edistream.generator.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.edistream.generator.decode.StepRow;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.TokenStats;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The shipped models give in Java what the plain forward pass gave in Python. */
class TorchLanguageModelTest {

    private static final double LOGIT_TOLERANCE = 1e-4;

    @ParameterizedTest
    @ValueSource(strings = {"reasoner-s", "reasoner-l", "fixtures/tiny-float32"})
    void logitsAreThoseOfTheFixture(String name) {
        try (TorchLanguageModel model = load(name)) {
            for (JsonNode testCase : Models.fixture(logitsOf(name)).path("cases")) {
                List<Integer> prompt = Models.integers(testCase.path("prompt_token_ids"));
                List<Integer> due = prompt;
                int position = 0;
                for (JsonNode step : testCase.path("steps")) {
                    double[] logits = model.logits(row(due, position, StepRow.SAMPLED));
                    assertThat(logits).containsExactly(Models.doubles(step.path("logits")), within(LOGIT_TOLERANCE));
                    position += due.size();
                    due = List.of(step.path("greedy_token_id").intValue());
                }
                assertThat(position).as("the fixture has steps").isGreaterThan(prompt.size());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reasoner-s", "reasoner-l", "fixtures/tiny-float32"})
    void greedyTokensAndStatisticsAreThoseOfTheFixture(String name) {
        try (TorchLanguageModel model = load(name)) {
            for (JsonNode testCase : Models.fixture(logitsOf(name)).path("cases")) {
                List<Integer> due = Models.integers(testCase.path("prompt_token_ids"));
                int position = 0;
                for (JsonNode step : testCase.path("steps")) {
                    TokenStats drawn = model.step(List.of(row(due, position, StepRow.SAMPLED)))
                            .get(0);
                    assertThat(drawn.token())
                            .isEqualTo(step.path("greedy_token_id").intValue());
                    assertThat(columns(drawn)).containsExactly(Models.doubles(step.path("statistics")), within(1e-5));
                    position += due.size();
                    due = List.of(drawn.token());
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 16, 17})
    void aPromptThatIsReadInPartsComesToTheSame(int part) {
        try (TorchLanguageModel model = load("reasoner-s")) {
            for (JsonNode testCase : Models.fixture(logitsOf("reasoner-s")).path("cases")) {
                List<Integer> prompt = Models.integers(testCase.path("prompt_token_ids"));
                JsonNode expected = testCase.path("steps").get(0);
                int position = 0;
                for (; position + part < prompt.size(); position += part) {
                    model.step(List.of(row(prompt.subList(position, position + part), position, StepRow.SAMPLED)));
                }
                assertThat(position).as("there is more than one part").isPositive();
                StepRow last = row(prompt.subList(position, prompt.size()), position, StepRow.SAMPLED);
                assertThat(model.logits(last))
                        .containsExactly(Models.doubles(expected.path("logits")), within(LOGIT_TOLERANCE));
                TokenStats drawn = model.step(List.of(last)).get(0);
                assertThat(drawn.token())
                        .isEqualTo(expected.path("greedy_token_id").intValue());
                assertThat(columns(drawn)).containsExactly(Models.doubles(expected.path("statistics")), within(1e-5));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"reasoner-s"})
    void aForcedRankTakesThatToken(String name) {
        try (TorchLanguageModel model = load(name)) {
            List<Integer> prompt = Models.integers(Models.fixture("logits-" + name + ".json")
                    .path("cases")
                    .get(0)
                    .path("prompt_token_ids"));
            List<Float> logProbabilities = new ArrayList<>();
            for (int rank = 0; rank < 10; rank++) {
                TokenStats drawn = model.step(List.of(row(prompt, 0, rank))).get(0);
                assertThat(drawn.rank()).isEqualTo(rank);
                logProbabilities.add(-drawn.logProbability());
            }
            assertThat(logProbabilities).isSorted();
        }
    }

    @Test
    @DisabledIfEnvironmentVariable(
            named = "PYTORCH_LIBRARY_PATH",
            matches = ".+",
            disabledReason = "there may be a GPU")
    void aGpuThatIsNotThereIsNamedInOneLine() {
        ModelFolder folder = ModelFolder.open(Models.folder("reasoner-s"));
        TorchOptions onGpu = TorchOptions.defaults().on(TorchOptions.Device.GPU);
        assertThatExceptionOfType(ModelFolderException.class)
                .isThrownBy(() -> TorchLanguageModel.load(folder, onGpu).close())
                .withMessageContaining("cannot be loaded on gpu(0)")
                .withMessageContaining("needs an NVIDIA GPU and a libtorch that was built for it")
                .satisfies(failure -> assertThat(failure.getMessage()).hasLineCount(1));
    }

    private static String logitsOf(String name) {
        return "logits-" + Path.of(name).getFileName() + ".json";
    }

    private static TorchLanguageModel load(String name) {
        return TorchLanguageModel.load(ModelFolder.open(Models.folder(name)), TorchOptions.defaults());
    }

    private static StepRow row(List<Integer> tokens, int firstPosition, int rank) {
        int blockSize = TorchOptions.defaults().blockSize();
        int blocks = (firstPosition + tokens.size() + blockSize - 1) / blockSize;
        // Not in order, so that a table that is ignored would be noticed.
        List<Integer> table =
                IntStream.range(0, blocks).mapToObj(block -> 100 - block).toList();
        return new StepRow(tokens, firstPosition, table, Sampling.greedy(), 0, rank, StepRow.SAMPLED);
    }

    private static double[] columns(TokenStats stats) {
        return new double[] {
            stats.entropyNats(),
            stats.logProbability(),
            stats.confidence(),
            stats.selfCertainty(),
            stats.varentropy(),
            stats.rank()
        };
    }
}
