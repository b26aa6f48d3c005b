package io.edistream.sequences.event;

/**
 * What may leave the generator besides numbers. Everything is off by default: what people wrote and what the model
 * answered is nobody's business unless the operator says so.
 *
 * @param details rank, self-certainty and varentropy of every token; off to save bytes
 * @param tokenIds ids of the generated tokens, from which text can be restored
 * @param promptText text of the prompts
 * @param generatedText text of the finished sequences
 * @param answers extracted answers
 * @param runTextCharacters most characters of text that go with each run of tokens, 0 to {@value #MAX_RUN_TEXT}; 0
 *     sends none
 */
public record EventOptions(
        boolean details,
        boolean tokenIds,
        boolean promptText,
        boolean generatedText,
        boolean answers,
        int runTextCharacters) {

    /** Largest bound of the text of a run, characters. */
    public static final int MAX_RUN_TEXT = 4096;

    /**
     * @throws IllegalArgumentException if the bound of the text of a run is out of its own bounds
     */
    public EventOptions {
        if (runTextCharacters < 0 || runTextCharacters > MAX_RUN_TEXT) {
            throw new IllegalArgumentException("characters of text per run must be from 0, which is off, to "
                    + MAX_RUN_TEXT + ", not " + runTextCharacters);
        }
    }

    /** Numbers only. */
    public static EventOptions numbersOnly() {
        return new EventOptions(false, false, false, false, false, 0);
    }

    /** Everything there is. */
    public static EventOptions everything() {
        return new EventOptions(true, true, true, true, true, MAX_RUN_TEXT);
    }

    /** Whether runs go with text. */
    public boolean runText() {
        return runTextCharacters > 0;
    }
}
