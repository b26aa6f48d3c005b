package io.edistream.generator.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.edistream.generator.decode.Drawn;
import io.edistream.generator.decode.StepRow;
import io.edistream.sequences.Alternative;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.TokenStats;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
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
                            .get(0)
                            .stats();
                    assertThat(drawn.token())
                            .isEqualTo(step.path("greedy_token_id").intValue());
                    assertThat(columns(drawn)).containsExactly(Models.doubles(step.path("statistics")), within(1e-5));
                    position += due.size();
                    due = List.of(drawn.token());
                }
            }
        }
    }

    @Test
    void saysWhatWasLoaded() {
        try (TorchLanguageModel model =
                TorchLanguageModel.load(ModelFolder.open(Models.folder("reasoner-s")), TorchOptions.defaults())) {
            // 3 layers, keys and values, 2,048 blocks of 16 tokens, 4 heads of 24 numbers of 8 bytes.
            assertThat(model.summary())
                    .isEqualTo(
                            "reasoner-s, 363,552 parameters in float64, at most 512 tokens; cache of 2,048 blocks of 16"
                                    + " tokens, 150 MB");
        }
    }

    /** 3 (7776 + 2 * 704) + 3 * 2 * 80 * 5 + 3 * 80 (128 + 2 * 16) with all rows in one group of 5 blocks of 16 tokens. */
    @Test
    void workingBytesAreThoseOfTheReadme() {
        ModelFolder folder = ModelFolder.open(Models.folder("fixtures/tiny-float32"));
        TorchOptions options = TorchOptions.defaults();
        try (TorchLanguageModel together = TorchLanguageModel.load(folder, options.grouped(RowGrouping.together()));
                // A block's keys are 16 * 2 * 4 * 4 = 512 bytes: a group has at most 7 blocks, or one row.
                TorchLanguageModel grouped =
                        TorchLanguageModel.load(folder, options.grouped(RowGrouping.byLength(0, 7 * 512)))) {
            assertThat(together.workingBytes(3, 2, 5)).isEqualTo(27_552 + 2_400 + 38_400);
            assertThat(grouped.workingBytes(3, 2, 5)).isEqualTo(27_552 + 2_400 + 7 * 16 * 160);
            assertThat(grouped.workingBytes(1, 1, 8)).isEqualTo(8_480 + 128 * 5 + 8 * 16 * 144);
            assertThat(together.workingBytes(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE))
                    .isEqualTo(Long.MAX_VALUE);
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
                TokenStats drawn = model.step(List.of(last)).get(0).stats();
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
                TokenStats drawn =
                        model.step(List.of(row(prompt, 0, rank))).get(0).stats();
                assertThat(drawn.rank()).isEqualTo(rank);
                logProbabilities.add(-drawn.logProbability());
            }
            assertThat(logProbabilities).isSorted();
        }
    }

    @Test
    void aForcedTokenIsTakenAndMeasuredAsItself() {
        try (TorchLanguageModel model = load("reasoner-s")) {
            List<Integer> prompt = prompt("reasoner-s");
            double[] logits = model.logits(row(prompt, 0, StepRow.SAMPLED));
            for (int token : new int[] {0, 17, 161}) {
                TokenStats forced = model.step(List.of(wanting(prompt, Sampling.of(1, 0), token, Map.of(), 0)))
                        .get(0)
                        .stats();
                assertThat(forced.token()).isEqualTo(token);
                assertThat(forced.rank()).isEqualTo((int) Arrays.stream(logits)
                        .filter(logit -> logit > logits[token])
                        .count());
                assertThat((double) forced.logProbability()).isCloseTo(logProbability(logits, token), within(2e-6));
            }
        }
    }

    @Test
    void theBestAreToldToWhoWantsThem() {
        try (TorchLanguageModel model = load("reasoner-s")) {
            List<Integer> prompt = prompt("reasoner-s");
            double[] logits = model.logits(row(prompt, 0, StepRow.SAMPLED));
            List<Integer> order = IntStream.range(0, logits.length)
                    .boxed()
                    .sorted(Comparator.comparingDouble(token -> -logits[token]))
                    .toList();
            List<Drawn> drawn = model.step(List.of(
                    wanting(prompt, Sampling.greedy(), StepRow.SAMPLED, Map.of(), 3),
                    wanting(prompt, Sampling.greedy(), StepRow.SAMPLED, Map.of(), 0),
                    wanting(prompt, Sampling.greedy(), StepRow.SAMPLED, Map.of(), 20)));
            assertThat(drawn).extracting(one -> one.best().size()).containsExactly(3, 0, 20);
            assertThat(drawn.get(2).best()).extracting(Alternative::token).isEqualTo(order.subList(0, 20));
            assertThat(drawn.get(0).best()).isEqualTo(drawn.get(2).best().subList(0, 3));
            for (Alternative one : drawn.get(2).best()) {
                assertThat((double) one.logProbability()).isCloseTo(logProbability(logits, one.token()), within(2e-6));
            }
        }
    }

    /** Penalties and bias, greedy, against the logits by hand; who has none in the same call does as if he were alone. */
    @Test
    void penaltiesAndBiasChangeWhatIsDrawnAndNotWhatIsMeasured() {
        try (TorchLanguageModel model = load("reasoner-s")) {
            List<Integer> prompt = prompt("reasoner-s");
            double[] logits = model.logits(row(prompt, 0, StepRow.SAMPLED));
            int best = argmax(logits);
            Drawn plain = model.step(List.of(row(prompt, 0, StepRow.SAMPLED))).get(0);
            Sampling penalised = Sampling.greedy().penalised(new Sampling.Penalties(1.5, 1, 0.5));
            Sampling biased = Sampling.greedy().biased(Map.of(33, 100f));
            Map<Integer, Integer> seen = Map.of(best, 3, 20, 0, 21, 1);
            List<Drawn> drawn = model.step(List.of(
                    wanting(prompt, penalised, StepRow.SAMPLED, seen, 0),
                    row(prompt, 0, StepRow.SAMPLED),
                    wanting(prompt, biased, StepRow.SAMPLED, Map.of(), 0)));
            double[] expected = logits.clone();
            seen.forEach(
                    (token, times) -> expected[token] = (logits[token] > 0 ? logits[token] / 1.5 : logits[token] * 1.5)
                            - (times > 0 ? 1 : 0)
                            - 0.5 * times);
            assertThat(argmax(expected)).as("the case is worth testing").isNotEqualTo(best);
            assertThat(drawn.get(0).stats().token()).isEqualTo(argmax(expected));
            assertThat((double) drawn.get(0).stats().logProbability())
                    .as("of the raw distribution")
                    .isCloseTo(logProbability(logits, argmax(expected)), within(2e-6));
            assertThat(drawn.get(1)).isEqualTo(plain);
            assertThat(drawn.get(2).stats().token()).isEqualTo(33);
            assertThat(drawn.get(2).stats().entropyNats())
                    .isEqualTo(plain.stats().entropyNats());
        }
    }

    @Test
    void aChooseModuleOfOtherColumnsOrAnotherContractIsRefused() throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        assertThat(ChooseModule.columns(mapper.readTree(ChooseModule.class.getResourceAsStream("choose.json"))))
                .containsExactlyInAnyOrderElementsOf(ChoiceBatch.columnNames());
        assertThatExceptionOfType(ModelFolderException.class)
                .isThrownBy(() -> ChooseModule.columns(
                        mapper.readTree("{\"contract\": 1, \"control_columns\": [\"temperature\"]}")))
                .withMessageContaining("has the control columns [temperature] instead of");
        assertThatExceptionOfType(ModelFolderException.class)
                .isThrownBy(() -> ChooseModule.columns(mapper.readTree("{\"contract\": 9}")))
                .withMessageContaining("is of contract 9; this generator has contract 1");
    }

    private static List<Integer> prompt(String name) {
        return Models.integers(
                Models.fixture("logits-" + name + ".json").path("cases").get(0).path("prompt_token_ids"));
    }

    private static StepRow wanting(
            List<Integer> tokens, Sampling sampling, int forced, Map<Integer, Integer> seen, int alternatives) {
        StepRow plain = row(tokens, 0, StepRow.SAMPLED);
        return new StepRow(tokens, 0, plain.blocks(), sampling, 0.5, StepRow.SAMPLED, forced, seen, alternatives);
    }

    private static double logProbability(double[] logits, int token) {
        double largest = Arrays.stream(logits).max().orElseThrow();
        return logits[token]
                - largest
                - Math.log(Arrays.stream(logits)
                        .map(logit -> Math.exp(logit - largest))
                        .sum());
    }

    private static int argmax(double[] values) {
        return IntStream.range(0, values.length)
                .boxed()
                .max(Comparator.comparingDouble(i -> values[i]))
                .orElseThrow();
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
        return new StepRow(tokens, firstPosition, table, Sampling.greedy(), 0, rank);
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
