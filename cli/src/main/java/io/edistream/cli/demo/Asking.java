package io.edistream.cli.demo;

import io.edistream.cli.problems.WordProblem;
import io.edistream.generator.GeneratorService;
import io.edistream.generator.decode.AnswerCheck;
import io.edistream.generator.decode.GenerationRequest;
import io.edistream.sequences.PromptGroup;
import io.edistream.sequences.Sampling;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/** Asks a generator the problems; both arms ask in this one way, so that they differ in nothing but control. */
record Asking(DemoOptions options, List<WordProblem> problems) {

    private static final int MAX_NEW_TOKENS = 320;

    /**
     * Asks all problems, so many at a time that their branches find room, and waits until no sequence runs. The name of
     * a request is the number of its problem, from 1.
     *
     * @param ended is told of each group as it ends, on the thread that decodes
     */
    List<PromptGroup> ask(GeneratorService generator, Consumer<PromptGroup> ended) throws InterruptedException {
        SplittableRandom seeds = new SplittableRandom(options.seed());
        Semaphore room = new Semaphore(options.problemsAtATime());
        List<CompletableFuture<?>> idle = new ArrayList<>();
        List<PromptGroup> groups = new ArrayList<>();
        for (int i = 0; i < problems.size(); i++) {
            GenerationRequest request = GenerationRequest.of(problems.get(i).prompt())
                    .named(String.valueOf(i + 1))
                    .withSampling(Sampling.of(options.temperature(), seeds.nextLong()))
                    .withMaxNewTokens(MAX_NEW_TOKENS)
                    .checkedBy(
                            AnswerCheck.expecting(String.valueOf(problems.get(i).answer())));
            room.acquire();
            PromptGroup group =
                    generator.submit(request, options.samples()).get(0).group();
            groups.add(group);
            idle.add(group.whenIdle().whenComplete((all, failure) -> {
                ended.accept(group);
                room.release();
            }));
        }
        try {
            CompletableFuture.allOf(idle.toArray(CompletableFuture[]::new)).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("decoding failed: " + e.getCause().getMessage(), e);
        }
        return List.copyOf(groups);
    }

    /** The number of a problem from 1, by the name of its request; 0 if the name is none of ours. */
    static int problem(CharSequence request) {
        String name = request.toString();
        return name.matches("[1-9][0-9]{0,5}") ? Integer.parseInt(name) : 0;
    }
}
