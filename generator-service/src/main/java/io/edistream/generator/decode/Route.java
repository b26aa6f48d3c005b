package io.edistream.generator.decode;

import io.edistream.schemas.RecordLimits;
import io.edistream.sequences.DecodedToken;
import java.util.List;

/**
 * A model that requests can name, with all that belongs to it. Closing it frees the model and the tokenizer.
 *
 * @param name of the route, for instance default; 1 to {@value #MAX_NAME_CHARACTERS} characters
 * @param model decodes
 * @param tokenizer turns its tokens into text
 * @param prompts turns prompts into its tokens
 * @param classifier sorts its tokens into classes, at most 128 of them
 * @param answers finds the answers in its tokens
 */
public record Route(
        String name,
        LanguageModel model,
        Tokenizer tokenizer,
        PromptFormat prompts,
        TokenClassifier classifier,
        AnswerExtractor answers)
        implements AutoCloseable {

    /** Most characters of the name of a route or a model. */
    static final int MAX_NAME_CHARACTERS = RecordLimits.MAX_NAME_CHARACTERS;

    /**
     * @throws IllegalArgumentException if the name is empty or too long, or there are too many token classes or one has too long
     *     a name
     */
    public Route {
        requireName("route", name);
        int classes = classifier.names().size();
        if (classes > DecodedToken.MAX_CLASS + 1) {
            throw new IllegalArgumentException("route " + name + " has " + classes + " token classes; at most "
                    + (DecodedToken.MAX_CLASS + 1) + " are possible");
        }
        classifier.names().forEach(tokenClass -> requireShort(name, tokenClass));
    }

    /** With a text put behind every prompt text, which may be empty; for a model that knows no conversations. */
    public Route(
            String name,
            LanguageModel model,
            Tokenizer tokenizer,
            String promptSuffix,
            TokenClassifier classifier,
            AnswerExtractor answers) {
        this(name, model, tokenizer, PromptFormat.plain(tokenizer, promptSuffix), classifier, answers);
    }

    /**
     * The tokens of a prompt on this route.
     *
     * @throws IllegalArgumentException if it cannot be put into tokens; the message says why
     */
    List<Integer> encode(Prompt prompt) {
        return prompts.encode(prompt);
    }

    private static void requireShort(String route, String tokenClass) {
        if (tokenClass.length() > MAX_NAME_CHARACTERS) {
            throw new IllegalArgumentException("a token class of route " + route + " has a name of "
                    + tokenClass.length() + " characters; at most " + MAX_NAME_CHARACTERS + " are possible");
        }
    }

    static void requireName(String what, String name) {
        if (name.isEmpty() || name.length() > MAX_NAME_CHARACTERS) {
            throw new IllegalArgumentException("the name of a " + what + " must have 1 to " + MAX_NAME_CHARACTERS
                    + " characters, not " + name.length());
        }
    }

    @Override
    public void close() {
        try (model) {
            tokenizer.close();
        }
    }
}
