package io.edistream.generator.event;

/**
 * What may leave the generator besides numbers. Everything is off by default: what people wrote and what the model
 * answered is nobody's business unless the operator says so.
 *
 * @param details self-certainty and varentropy of every token; off to save bytes
 * @param tokenIds ids of the generated tokens, from which text can be restored; implies {@code details}
 * @param promptText text of the prompts
 * @param generatedText text of the finished sequences
 * @param answers extracted answers
 */
public record EventOptions(
        boolean details, boolean tokenIds, boolean promptText, boolean generatedText, boolean answers) {

    /** Numbers only. */
    public static EventOptions numbersOnly() {
        return new EventOptions(false, false, false, false, false);
    }

    /** Everything there is. */
    public static EventOptions everything() {
        return new EventOptions(true, true, true, true, true);
    }
}
