package io.edistream.generator.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.sequences.Continuation;
import io.edistream.sequences.Continuation.Method;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.GeneratedSequence;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.RefusalReason;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.SamplingChange;
import io.edistream.sequences.TokenListener;
import io.edistream.sequences.answers.Extraction;
import io.edistream.sequences.control.Commands;
import io.edistream.sequences.control.ControlAction;
import io.edistream.sequences.control.ControlCommand.Arguments;
import io.edistream.sequences.control.ControlOptions;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.OutcomeKind;
import io.edistream.sequences.control.ReceivedCommand;
import io.edistream.sequences.control.RecordingOutcomePublisher;
import io.edistream.sequences.event.RecordingEntropyPublisher;
import io.edistream.sequences.event.SequenceEnded;
import io.edistream.sequences.event.SequenceStarted;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.edistream.sequences.metrics.Metrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RerouteTest {

    /** Two routes with the same model and the same words, one whose words are written otherwise, and one that is small. */
    private static final class SameWords extends NumberWords {
        @Override
        public Object vocabulary() {
            return "numbers";
        }
    }

    /** The same words; what was generated cannot be cut into them again, as a merge that no model would write. */
    private static final class PromptAlone extends NumberWords {
        @Override
        public List<Integer> encode(String text) {
            if (!text.equals("5 6 7 8 9")) {
                throw new IllegalArgumentException("not the prompt");
            }
            return super.encode(text);
        }

        @Override
        public Object vocabulary() {
            return "numbers";
        }
    }

    /** Other words, of which none says what it was made of. */
    private static final class Lossy extends NumberWords {
        @Override
        public String decode(List<Integer> tokens) {
            return super.decode(tokens) + ".";
        }
    }

    /** Words with a letter: "w3 w17". */
    private static final class Letters extends NumberWords {
        @Override
        public List<Integer> encode(String text) {
            // Each character of a number is a word of its own here.
            List<Integer> ids = new ArrayList<>();
            for (String word : text.strip().split("\\s+")) {
                if (!word.matches("[0-9]+")) {
                    throw new IllegalArgumentException("the model does not know the word \"" + word + "\"");
                }
                word.chars().forEach(digit -> ids.add(digit - '0' + 1));
                ids.add(11);
            }
            return ids;
        }

        @Override
        public String decode(List<Integer> tokens) {
            return tokens.stream()
                    .map(token -> token == 11 ? " " : String.valueOf(token - 1))
                    .collect(Collectors.joining())
                    .strip();
        }
    }

    private final RecordingEntropyPublisher events = new RecordingEntropyPublisher();
    private final RecordingOutcomePublisher outcomes = new RecordingOutcomePublisher();
    private final GeneratorMetrics metrics = new GeneratorMetrics(new PrometheusRegistry());
    private final FakeLanguageModel large = FakeLanguageModel.endlessWithBlocks(500);
    private final DecodeLoop loop = new DecodeLoop(
            List.of(
                    route("s", FakeLanguageModel.endlessWithBlocks(500), new SameWords()),
                    route("l", large, new SameWords()),
                    route("letters", FakeLanguageModel.endlessWithBlocks(500), new Letters()),
                    route(
                            "small",
                            new FakeLanguageModel(new ModelInfo("fake", 40, 30, 0, 4, 100), -1000),
                            new SameWords()),
                    route(
                            "fewer words",
                            new FakeLanguageModel(new ModelInfo("fake", 10, 200, 0, 4, 500), -1000),
                            new SameWords()),
                    route("prompt alone", FakeLanguageModel.endlessWithBlocks(500), new PromptAlone()),
                    route("lossy", FakeLanguageModel.endlessWithBlocks(500), new Lossy())),
            DecodeOptions.defaults(),
            ControlOptions.defaults(),
            events,
            outcomes,
            metrics,
            () -> 1_000_000);
    private long nextCommand;

    private static Route route(String name, LanguageModel model, Tokenizer tokenizer) {
        return new Route(
                name,
                model,
                tokenizer,
                "",
                TokenClassifier.none(),
                tokens -> tokens.isEmpty()
                        ? java.util.Optional.empty()
                        : java.util.Optional.of(tokens.size() + " tokens"));
    }

    private static GenerationRequest request() {
        return GenerationRequest.of("5 6 7 8 9")
                .onRoute("s")
                .withSampling(Sampling.greedy())
                .withMaxNewTokens(40);
    }

    private GenerationHandle submit(GenerationRequest request) {
        return loop.submit(request, 1).get(0);
    }

    private void steps(int count) {
        for (int i = 0; i < count; i++) {
            loop.step();
        }
    }

    private void runOut() {
        while (loop.step()) {
            // Each step brings every sequence one token nearer to its limit.
        }
    }

    private ControlOutcome reroute(long sequence, String route, boolean fromPrompt) {
        return reroute(sequence, route, fromPrompt, null);
    }

    private ControlOutcome reroute(
            long sequence, @Nullable String route, boolean fromPrompt, @Nullable SamplingChange change) {
        Arguments arguments = new Arguments(false, null, 0, 0, 0, route, fromPrompt, change, null, List.of(), Map.of());
        loop.accept(new ReceivedCommand(
                Commands.armed(new UUID(5, nextCommand++), sequence, ControlAction.REROUTE, 0, 1_000_000, arguments),
                1_000_000));
        loop.step();
        return outcomes.recorded().get(outcomes.recorded().size() - 1);
    }

    @Test
    void theAnswerIsFoundAcrossTheCut() {
        for (int cut : new int[] {1, 20, 39}) {
            GenerationHandle handle = submit(request().extractedBy(Extraction.parse("regex:^.*$")));
            steps(cut);
            assertThat(reroute(handle.counter(), "l", false).kind()).isEqualTo(OutcomeKind.APPLIED);
            runOut();
            assertThat(handle.completion().join().continues()).isNotNull();
            assertThat(handle.completion().join().answer()).isEqualTo(handle.text());
        }
    }

    /** Greedy on the same model: what goes on elsewhere equals the uncut answer. */
    @Test
    void oneAnswerGoesOnWhereItWasCut() {
        for (int cut = 1; cut < 40; cut += 7) {
            GenerationHandle uncut = submit(request());
            runOut();
            List<String> heard = new ArrayList<>();
            List<String> routes = new ArrayList<>();
            GenerationHandle handle = loop.submit(request(), 1, (TokenListener.News news) -> {
                        heard.add(news.text());
                        routes.add(news.route());
                    })
                    .get(0);
            steps(cut);
            ControlOutcome outcome = reroute(handle.counter(), "l", false);
            runOut();

            assertThat(outcome.kind()).isEqualTo(OutcomeKind.APPLIED);
            assertThat(outcome.appliedAtToken()).isEqualTo(cut);
            GeneratedSequence expected = uncut.completion().join();
            assertThat(handle.text()).isEqualTo(expected.text());
            assertThat(String.join("", heard)).isEqualTo(expected.text());
            assertThat(routes.stream().distinct())
                    .as("whose vocabulary")
                    .containsExactly(request().route(), "l");
            assertThat(handle.served()).hasSize(2);
            GeneratedSequence first = handle.served().get(0);
            GeneratedSequence last = handle.completion().join();
            assertThat(first.reason()).isEqualTo(EndReason.REROUTED);
            assertThat(first.tokens()).isEqualTo(expected.tokens().subList(0, cut));
            assertThat(last.tokens()).isEqualTo(expected.tokens().subList(cut, 40));
            assertThat(last.counter()).isEqualTo(outcome.continuedBy());
            assertThat(last.continues())
                    .isEqualTo(new Continuation(handle.counter(), Continuation.Cause.REROUTE, Method.BY_IDS, cut));
            assertThat(last.route()).isEqualTo("l");
            assertThat(last.answer()).as("of all that was said").isEqualTo("40 tokens");
            assertThat(handle.group().whenIdle().join()).containsExactly(first, last);
        }
        SequenceStarted start = events.recorded().stream()
                .flatMap(step -> step.starts().stream())
                .filter(one -> one.continues() != null)
                .findFirst()
                .orElseThrow();
        assertThat(start.group()).isEqualTo(start.continues().sequence());
        assertThat(start.promptTokens()).isEqualTo(5 + start.continues().sharedTokens());
        assertThat(Metrics.value(metrics, "edistream_generator_discarded_tokens_total"))
                .isZero();
        assertThat(Metrics.value(metrics, "edistream_generator_sequences_ended_total", "rerouted"))
                .isEqualTo(6);
    }

    @Test
    void whoBeginsAnewFromThePromptThrowsAwayWhatWasThere() {
        GenerationHandle handle = submit(request());
        steps(6);
        ControlOutcome outcome = reroute(handle.counter(), "l", true, SamplingChange.toTemperature(1));
        runOut();
        GeneratedSequence last = handle.completion().join();
        assertThat(last.promptTokens()).containsExactly(5, 6, 7, 8, 9);
        assertThat(last.tokens()).hasSize(40);
        assertThat(last.sampling().temperature()).isEqualTo(1);
        assertThat(last.continues().method()).isEqualTo(Method.FROM_PROMPT);
        assertThat(handle.text()).isEqualTo(last.text());
        SequenceEnded first = events.recorded().stream()
                .flatMap(step -> step.ends().stream())
                .filter(end -> end.sequence() == handle.counter())
                .findFirst()
                .orElseThrow();
        assertThat(first.delivery()).isEqualTo(new SequenceEnded.Delivery(0, 0, outcome.appliedAtToken()));
        assertThat(Metrics.value(metrics, "edistream_generator_discarded_tokens_total", "rerouted"))
                .isEqualTo((double) outcome.appliedAtToken());
    }

    @Test
    void nobodyIsToldTwoBeginnings() {
        GenerationHandle handle = loop.submit(request(), 1, news -> {}).get(0);
        steps(3);
        assertThat(reroute(handle.counter(), "l", true).refusal()).isEqualTo(RefusalReason.CALLER);
        assertThat(reroute(handle.counter(), "l", false).kind()).isEqualTo(OutcomeKind.APPLIED);
    }

    @Test
    void otherWordsTakeTheTextOverIfItSaysTheSameThere() {
        GenerationHandle handle = submit(request());
        steps(5);
        String before = text(handle);
        ControlOutcome outcome = reroute(handle.counter(), "letters", false);
        runOut();
        assertThat(outcome.kind()).isEqualTo(OutcomeKind.APPLIED);
        GeneratedSequence last = handle.completion().join();
        assertThat(last.continues().method()).isEqualTo(Method.BY_TEXT);
        assertThat(new Letters().decode(last.promptTokens())).isEqualTo("5 6 7 8 9 " + before);
        assertThat(handle.text()).startsWith(before);
    }

    private String text(GenerationHandle handle) {
        return events.recorded().stream()
                .flatMap(step -> step.runs().stream())
                .filter(run -> run.sequence() == handle.counter())
                .flatMap(run -> run.tokens().stream())
                .map(token -> String.valueOf(token.id()))
                .collect(Collectors.joining(" "));
    }

    @Test
    void idsOfOneVocabularyAreNotTakenForThoseOfAnother() {
        GenerationHandle handle =
                submit(GenerationRequest.of(List.of(5, 6, 7)).onRoute("s").withMaxNewTokens(20));
        steps(3);
        ControlOutcome outcome = reroute(handle.counter(), "letters", false);
        assertThat(outcome.refusal()).isEqualTo(RefusalReason.NOT_EXACT);
        assertThat(outcome.detail()).contains("given as token ids");
        assertThat(reroute(handle.counter(), "l", false).kind()).isEqualTo(OutcomeKind.APPLIED);
    }

    @Test
    void whatDoesNotFitOrIsNotThereGoesOnWhereItIs() {
        GenerationHandle handle = submit(request());
        steps(3);
        assertThat(reroute(handle.counter(), "small", false).refusal()).isEqualTo(RefusalReason.NO_ROOM);
        ControlOutcome unknown = reroute(handle.counter(), "nowhere", false);
        assertThat(unknown.kind()).isEqualTo(OutcomeKind.UNSUPPORTED);
        assertThat(unknown.detail())
                .contains("no route nowhere; there is [s, l, letters, small, fewer words, prompt alone, lossy]");
        assertThat(reroute(handle.counter(), null, false, null).kind()).isEqualTo(OutcomeKind.UNSUPPORTED);
        assertThat(reroute(handle.counter(), "s", false).refusal()).isEqualTo(RefusalReason.NOT_NOW);
        assertThat(reroute(handle.counter(), "l", false, SamplingChange.toTemperature(-1))
                        .kind())
                .isEqualTo(OutcomeKind.UNSUPPORTED);
        runOut();
        assertThat(handle.completion().join().reason()).isEqualTo(EndReason.LENGTH);
    }

    @Test
    void tokensThatTheOtherModelDoesNotHaveStayWhereTheyAre() {
        GenerationHandle handle = submit(request().withSampling(biased()));
        steps(12);
        ControlOutcome generated = reroute(handle.counter(), "fewer words", false);
        assertThat(generated.refusal()).isEqualTo(RefusalReason.NO_ROOM);
        assertThat(generated.detail()).contains("is not one of model fake, which has 0 to 9");
        ControlOutcome bias = reroute(handle.counter(), "fewer words", true);
        assertThat(bias.refusal()).isEqualTo(RefusalReason.NO_ROOM);
        assertThat(bias.detail()).contains("token id 30 is not one of model fake");
        GenerationHandle plain = submit(request());
        steps(12);
        assertThat(reroute(plain.counter(), "fewer words", true).kind()).isEqualTo(OutcomeKind.APPLIED);
        GenerationHandle generating = submit(request());
        steps(12);
        assertThat(reroute(generating.counter(), "fewer words", false).refusal())
                .isEqualTo(RefusalReason.NO_ROOM);
    }

    @Test
    void aBiasOfIdsHoldsForTheirVocabularyAlone() {
        GenerationHandle handle = submit(request().withSampling(biased()));
        steps(3);
        ControlOutcome outcome = reroute(handle.counter(), "letters", false);
        assertThat(outcome.refusal()).isEqualTo(RefusalReason.NOT_EXACT);
        assertThat(outcome.detail()).contains("the bias was given for token ids");
        assertThat(reroute(handle.counter(), "l", false).kind()).isEqualTo(OutcomeKind.APPLIED);
    }

    @Test
    void whatHasTheSameWordsIsNotCutAgain() {
        GenerationHandle handle = submit(request());
        steps(3);
        assertThat(reroute(handle.counter(), "prompt alone", false).kind()).isEqualTo(OutcomeKind.APPLIED);
        runOut();
        assertThat(handle.completion().join().continues().method()).isEqualTo(Method.BY_IDS);
    }

    @Test
    void aTextThatWouldSaySomethingElseStaysWhereItIs() {
        GenerationHandle handle = submit(request());
        steps(3);
        ControlOutcome outcome = reroute(handle.counter(), "lossy", false);
        assertThat(outcome.refusal()).isEqualTo(RefusalReason.NOT_EXACT);
        assertThat(outcome.detail()).contains("does not survive being cut into tokens of route lossy");
    }

    private static Sampling biased() {
        return Sampling.greedy().biased(Map.of(30, 1f));
    }

    @Test
    void whatWouldNeedTooMuchWorkingMemoryGoesOnWhereItIs() {
        large.workingBytes((rows, tokens, blocks) -> DecodeOptions.DEFAULT_WORKING_BYTES + 1);
        GenerationHandle handle = submit(request());
        steps(3);
        ControlOutcome outcome = reroute(handle.counter(), "l", false);
        assertThat(outcome.refusal()).isEqualTo(RefusalReason.NO_ROOM);
        assertThat(outcome.detail()).contains("536870913 bytes of working memory");
        large.workingBytes((rows, tokens, blocks) -> DecodeOptions.DEFAULT_WORKING_BYTES);
        assertThat(reroute(handle.counter(), "l", false).kind()).isEqualTo(OutcomeKind.APPLIED);
    }

    /** Its caller has waited once already. */
    @Test
    void whatGoesOnIsServedBeforeWhatHasNotBegun() {
        DecodeLoop narrow = new DecodeLoop(
                List.of(
                        route("s", FakeLanguageModel.endlessWithBlocks(500), new SameWords()),
                        route("l", FakeLanguageModel.endlessWithBlocks(500), new SameWords())),
                new DecodeOptions(1, 10, 128),
                ControlOptions.defaults(),
                events,
                outcomes,
                new GeneratorMetrics(new PrometheusRegistry()),
                () -> 1_000_000);
        GenerationHandle busy = narrow.submit(request().onRoute("l"), 1).get(0);
        GenerationHandle behind = narrow.submit(request().onRoute("l"), 1).get(0);
        GenerationHandle moved = narrow.submit(request(), 1).get(0);
        for (int i = 0; i < 5; i++) {
            narrow.step();
        }
        narrow.accept(new ReceivedCommand(
                Commands.armed(
                        new UUID(6, 0),
                        moved.counter(),
                        ControlAction.REROUTE,
                        0,
                        1_000_000,
                        new Arguments(false, null, 0, 0, 0, "l", false, null, null, List.of(), Map.of())),
                1_000_000));
        List<GenerationHandle> order = new ArrayList<>();
        for (GenerationHandle one : List.of(busy, behind, moved)) {
            var unused = one.completion().thenAccept(ended -> order.add(one));
        }
        while (narrow.step()) {
            // Until all have ended.
        }
        assertThat(order).containsExactly(busy, moved, behind);
    }

    @Test
    void whoCancelsCancelsWhatGoesOn() {
        GenerationHandle handle = submit(request());
        steps(3);
        reroute(handle.counter(), "l", false);
        handle.cancel();
        runOut();
        assertThat(handle.completion().join().reason()).isEqualTo(EndReason.CANCELLED);
        assertThat(handle.completion().join().route()).isEqualTo("l");
    }
}
