package io.edistream.generator.torch;

import io.edistream.generator.decode.AnswerExtractor;
import io.edistream.generator.decode.Route;
import io.edistream.generator.decode.TokenClassifier;
import io.edistream.generator.decode.Tokenizer;
import io.edistream.generator.reasoner.AnswerAfterMarker;
import io.edistream.generator.reasoner.ResultDigits;
import java.nio.file.Path;

/** Makes routes of model folders. */
public final class FolderRoutes {

    private FolderRoutes() {}

    /**
     * Loads a model with its tokenizer and, if it is one of the shipped reasoners, token classes and answer format. The route owns
     * them.
     *
     * @param name of the route
     * @param folder with {@code model.pt}, {@code model.json} and {@code tokenizer.json}
     * @throws ModelFolderException if a file cannot be used, or the tokenizer makes other ids of the check prompts
     */
    public static Route load(String name, Path folder, TorchOptions options) {
        return load(name, ModelFolder.open(folder), options);
    }

    /** The same of a folder that was looked at. */
    static Route load(String name, ModelFolder files, TorchOptions options) {
        HuggingFaceWords tokenizer = HuggingFaceWords.load(files);
        try {
            ModelFolder.ReasonerTokens reasoner = files.description().reasoner();
            return reasoner == null
                    ? general(name, files, tokenizer, options)
                    : reasoner(name, files, tokenizer, reasoner, options);
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    // The model comes last, when nothing else can fail any more: it is the one that would be costly to leak.

    private static Route general(String name, ModelFolder files, HuggingFaceWords tokenizer, TorchOptions options) {
        PromptRules rules = files.description().prompts();
        FolderPrompts prompts = new FolderPrompts(tokenizer, rules.begin(), rules.chat());
        prompts.require(rules.checks(), files);
        ModelFolder.ThinkingTokens thinking = files.description().thinking();
        AnswerExtractor answers =
                thinking == null ? AnswerExtractor.none() : new AnswerBehindThinking(thinking.begin(), thinking.end());
        return new Route(
                name, TorchLanguageModel.load(files, options), tokenizer, prompts, TokenClassifier.none(), answers);
    }

    private static Route reasoner(
            String name,
            ModelFolder files,
            HuggingFaceWords tokenizer,
            ModelFolder.ReasonerTokens tokens,
            TorchOptions options) {
        String think = word(tokenizer, tokens.think(), "think_token_id", files.folder());
        word(tokenizer, tokens.answer(), "answer_token_id", files.folder());
        return new Route(
                name,
                TorchLanguageModel.load(files, options),
                tokenizer,
                " " + think,
                new ResultDigits(tokenizer),
                new AnswerAfterMarker(
                        tokens.endThink(), tokens.answer(), files.description().endsOfSequence(), tokenizer));
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
