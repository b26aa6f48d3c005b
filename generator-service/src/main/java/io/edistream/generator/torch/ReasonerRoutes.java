package io.edistream.generator.torch;

import io.edistream.generator.decode.Route;
import io.edistream.generator.decode.Tokenizer;
import io.edistream.generator.reasoner.AnswerAfterMarker;
import io.edistream.generator.reasoner.ResultDigits;
import java.nio.file.Path;

/** Makes routes of model folders in the format of the shipped reasoners. */
public final class ReasonerRoutes {

    private ReasonerRoutes() {}

    /**
     * Loads a model with its tokenizer, token classes and answer format. The route owns them.
     *
     * @param name of the route
     * @param folder with {@code model.pt}, {@code model.json} and {@code tokenizer.json}
     * @throws ModelFolderException if a file cannot be used
     */
    public static Route load(String name, Path folder, TorchOptions options) {
        ModelFolder files = ModelFolder.open(folder);
        ModelFolder.Description description = files.description();
        Tokenizer tokenizer = HuggingFaceWords.load(files);
        try {
            String think = word(tokenizer, description.think(), "think_token_id", folder);
            word(tokenizer, description.answer(), "answer_token_id", folder);
            // The model comes last, when nothing else can fail any more: it is the one that would be costly to leak.
            return new Route(
                    name,
                    TorchLanguageModel.load(files, options),
                    tokenizer,
                    " " + think,
                    new ResultDigits(tokenizer),
                    new AnswerAfterMarker(
                            description.endThink(), description.answer(), description.endsOfSequence(), tokenizer));
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    private static String word(Tokenizer tokenizer, int id, String field, Path folder) {
        try {
            return tokenizer.word(id);
        } catch (IllegalArgumentException e) {
            throw new ModelFolderException(
                    "the model in " + folder + " cannot be used: " + field + " is wrong: " + e.getMessage(), e);
        }
    }
}
