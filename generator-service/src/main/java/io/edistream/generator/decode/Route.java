package io.edistream.generator.decode;

/**
 * A model that requests can name, with all that belongs to it. Closing it frees the model and the tokenizer.
 *
 * @param name of the route, for instance default
 * @param model decodes
 * @param tokenizer turns its tokens into text
 * @param promptSuffix text put behind every prompt text, as the model was trained; may be empty
 * @param classifier sorts its tokens into classes
 * @param answers finds the answers in its tokens
 */
public record Route(
        String name,
        LanguageModel model,
        Tokenizer tokenizer,
        String promptSuffix,
        TokenClassifier classifier,
        AnswerExtractor answers)
        implements AutoCloseable {

    @Override
    public void close() {
        try (model) {
            tokenizer.close();
        }
    }
}
