package io.edistream.benchmarks.lengths;

import io.edistream.benchmarks.Row;
import io.edistream.benchmarks.Samples;
import io.edistream.generator.decode.DecodeLoop;
import io.edistream.generator.decode.DecodeOptions;
import io.edistream.generator.decode.GenerationRequest;
import io.edistream.generator.decode.Route;
import io.edistream.generator.torch.FolderRoutes;
import io.edistream.generator.torch.TorchOptions;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.TokenListener;
import io.edistream.sequences.control.ControlOptions;
import io.edistream.sequences.control.RecordingOutcomePublisher;
import io.edistream.sequences.event.RecordingEntropyPublisher;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/**
 * What a long prompt costs sequences that run, and they it, by how many tokens of prompts a step may read. Over the same number of
 * steps, so that each limit has the same work to do: all the prompt's tokens, and as many of the running ones.
 */
public final class PromptPartsBenchmark {

    private static final String MODEL = "reasoner-s";
    private static final String SHORT_PROMPT = "Tom has 14 marbles. In January he buys 13 more. In February he loses 5."
            + " How many marbles does Tom have now?";
    private static final List<Integer> LIMITS = List.of(32, 128, 512);
    private static final int RUNNING = 32;
    private static final int LONG_PROMPT = 400;
    /** As many as the smallest limit needs for the long prompt. */
    private static final int STEPS = (LONG_PROMPT + LIMITS.get(0) - 1) / LIMITS.get(0);

    private static final long SEED = 9;

    private final int limit;
    private final DecodeLoop loop;
    private final GenerationRequest longRequest;
    private final List<Turn> turns = new ArrayList<>();

    private PromptPartsBenchmark(Route route, int limit) {
        this.limit = limit;
        this.loop = new DecodeLoop(
                List.of(route),
                new DecodeOptions(RUNNING + 1, RUNNING + 1, limit),
                ControlOptions.defaults(),
                new RecordingEntropyPublisher(),
                new RecordingOutcomePublisher(),
                new GeneratorMetrics(new PrometheusRegistry()),
                MicrosClock.system());
        this.longRequest = GenerationRequest.of(new Random(SEED)
                        .ints(LONG_PROMPT, 0, route.model().info().vocabularySize())
                        .boxed()
                        .toList())
                .withSampling(Sampling.of(0.8, SEED))
                .withMaxNewTokens(STEPS);
    }

    /**
     * The table.
     *
     * @param models folder of the models
     * @param warmUps turns of each limit before the ones that count
     * @param rounds turns of each limit that count
     */
    public static List<Row> run(Path models, int warmUps, int rounds) {
        try (Route route =
                FolderRoutes.load(GenerationRequest.DEFAULT_ROUTE, models.resolve(MODEL), TorchOptions.defaults())) {
            List<PromptPartsBenchmark> limits = LIMITS.stream()
                    .map(limit -> new PromptPartsBenchmark(route, limit))
                    .toList();
            for (int round = -warmUps; round < rounds; round++) {
                for (int i = 0; i < limits.size(); i++) {
                    // Each limit comes first, second and last equally often.
                    PromptPartsBenchmark next = limits.get(Math.floorMod(round + i, limits.size()));
                    Turn turn = next.turn();
                    if (round >= 0) {
                        next.turns.add(turn);
                    }
                }
            }
            return limits.stream().flatMap(one -> one.rows().stream()).toList();
        }
    }

    private List<Row> rows() {
        String what = limit + " prompt tokens a step: ";
        return List.of(
                told(what + RUNNING + " running sequences", "tokens/s", turn -> RUNNING * STEPS / turn.seconds),
                told(
                        what + "time to the first token of a prompt of " + LONG_PROMPT,
                        "ms",
                        turn -> 1e3 * turn.firstTokenSeconds),
                told(what + "longest step", "ms", turn -> 1e3 * turn.longestStepSeconds));
    }

    private Row told(String measure, String unit, ToDoubleFunction<Turn> value) {
        Samples samples = Samples.of(turns.stream().mapToDouble(value));
        return Row.told(measure, samples.median(), unit, samples.spread());
    }

    private Turn turn() {
        List<GenerationHandle> running = started();
        FirstToken firstToken = new FirstToken();
        long begun = System.nanoTime();
        GenerationHandle added = loop.submit(longRequest, 1, firstToken).get(0);
        long last = begun;
        long longest = 0;
        for (int step = 0; step < STEPS; step++) {
            boolean unused = loop.step();
            long now = System.nanoTime();
            longest = Math.max(longest, now - last);
            last = now;
        }
        if (running.stream().anyMatch(handle -> handle.completion().isDone()) || firstToken.nanos == 0) {
            throw new IllegalStateException(
                    "after " + STEPS + " steps a sequence has ended, or the prompt was not read");
        }
        added.group().cancel();
        running.get(0).group().cancel();
        runOut();
        return new Turn((last - begun) / 1e9, (firstToken.nanos - begun) / 1e9, longest / 1e9);
    }

    /** All of them have a token. */
    private List<GenerationHandle> started() {
        FirstToken last = new FirstToken();
        GenerationRequest request = GenerationRequest.of(SHORT_PROMPT)
                .withSampling(Sampling.of(0.8, 1))
                .withMaxNewTokens(100);
        List<GenerationHandle> handles = loop.submit(request, RUNNING, last);
        while (last.generations < RUNNING) {
            boolean unused = loop.step();
        }
        return handles;
    }

    private void runOut() {
        while (loop.step()) {
            // What was cancelled ends at the next token.
        }
    }

    /** When a first token came last, and how many did. */
    private static final class FirstToken implements TokenListener {
        private long nanos;
        private int generations;

        @Override
        public void hears(News news) {
            if (news.firstToken() == 0 && !news.tokens().isEmpty()) {
                nanos = System.nanoTime();
                generations++;
            }
        }
    }

    /**
     * @param seconds of all steps
     * @param firstTokenSeconds from when the long prompt was asked for to its first token
     * @param longestStepSeconds longest time between two tokens of a running sequence
     */
    private record Turn(double seconds, double firstTokenSeconds, double longestStepSeconds) {}
}
