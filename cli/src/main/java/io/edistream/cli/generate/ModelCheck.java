package io.edistream.cli.generate;

import io.edistream.cli.UserError;
import io.edistream.generator.torch.FolderCheck;
import io.edistream.generator.torch.ModelFolderException;
import io.edistream.generator.torch.TorchOptions;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;

/** Whether models generate what their folders say that they do. */
final class ModelCheck {

    private ModelCheck() {}

    /**
     * Loads each folder, compares, and says what came of it.
     *
     * @return whether all is well
     * @throws UserError if a folder cannot be loaded
     */
    static boolean run(Map<String, Path> folders, TorchOptions options, Consumer<String> say) {
        boolean well = true;
        for (Map.Entry<String, Path> route : folders.entrySet()) {
            FolderCheck.Result result;
            try {
                result = FolderCheck.of(route.getValue(), options);
            } catch (ModelFolderException e) {
                throw UserError.wrongRequest(String.valueOf(e.getMessage()));
            }
            String who = "route " + route.getKey() + ": ";
            result.differences().forEach(difference -> say.accept(who + difference));
            if (result.differences().isEmpty()) {
                say.accept(
                        result.prompts() == 0
                                ? who + "the folder has no check prompts"
                                : who + result.prompts() + " check prompts become the ids, and " + result.tokens()
                                        + " greedy tokens behind them are those, that the folder names");
            }
            well &= result.differences().isEmpty();
        }
        return well;
    }
}
