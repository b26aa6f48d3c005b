package io.edistream.generator.torch;

import io.edistream.generator.decode.Drawn;
import io.edistream.generator.decode.LanguageModel;
import io.edistream.generator.decode.Route;
import io.edistream.generator.decode.StepRow;
import io.edistream.sequences.Sampling;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Compares what a loaded model generates with what its folder says that it does. */
public final class FolderCheck {

    private FolderCheck() {}

    /**
     * What came of it.
     *
     * @param prompts check prompts of the folder
     * @param tokens greedy tokens that were compared
     * @param differences one sentence for each prompt behind which another token comes; empty if all is well
     */
    public record Result(int prompts, int tokens, List<String> differences) {

        /** Copies the list. */
        public Result {
            differences = List.copyOf(differences);
        }
    }

    /**
     * Loads a folder and generates behind its check prompts, always taking the most probable token.
     *
     * @throws ModelFolderException if it cannot be loaded; prompts that become other ids are refused there
     */
    public static Result of(Path folder, TorchOptions options) {
        ModelFolder files = ModelFolder.open(folder);
        List<PromptCheck> checks = files.description().prompts().checks();
        try (Route route = FolderRoutes.load("check", files, options)) {
            List<String> differences = new ArrayList<>();
            for (int i = 0; i < checks.size(); i++) {
                List<Integer> greedy = greedy(route.model(), checks.get(i));
                if (!greedy.equals(checks.get(i).greedy())) {
                    differences.add("check prompt " + (i + 1) + " is continued with the tokens " + greedy
                            + " instead of " + checks.get(i).greedy());
                }
            }
            return new Result(
                    checks.size(),
                    checks.stream().mapToInt(check -> check.greedy().size()).sum(),
                    differences);
        }
    }

    private static List<Integer> greedy(LanguageModel model, PromptCheck check) {
        int blockSize = model.info().blockSize();
        int positions = check.ids().size() + check.greedy().size();
        // Block 0 takes what nobody reads.
        List<Integer> blocks = IntStream.rangeClosed(1, (positions + blockSize - 1) / blockSize)
                .boxed()
                .toList();
        List<Integer> tokens = new ArrayList<>();
        List<Integer> next = check.ids();
        int position = 0;
        while (tokens.size() < check.greedy().size()) {
            Drawn drawn = model.step(
                            List.of(new StepRow(next, position, blocks, Sampling.greedy(), 0, StepRow.SAMPLED)))
                    .get(0);
            position += next.size();
            next = List.of(drawn.stats().token());
            tokens.addAll(next);
        }
        return tokens;
    }
}
