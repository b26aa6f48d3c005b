package io.edistream.generator.decode;

import java.util.List;

/** Makes tokens of prompts, as a model was trained. Thread-safe. */
@FunctionalInterface
public interface PromptFormat {

    /**
     * The tokens of a prompt.
     *
     * @throws IllegalArgumentException if it cannot be put into tokens of the model; the message says why
     */
    List<Integer> encode(Prompt prompt);

    /** For a model that knows no conversations, with a text put behind every prompt text. */
    static PromptFormat plain(Tokenizer tokenizer, String suffix) {
        return prompt -> {
            if (prompt instanceof Prompt.Tokens tokens) {
                return tokens.ids();
            }
            if (prompt instanceof Prompt.Text text) {
                return tokenizer.encode(text.text() + suffix);
            }
            throw new IllegalArgumentException("the model has no chat template: it takes a \"prompt\", no messages");
        };
    }
}
