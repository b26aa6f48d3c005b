package io.edistream.cli;

import io.edistream.sequences.event.EventOptions;
import java.util.EnumSet;
import java.util.Set;
import picocli.CommandLine.Option;

/** What may leave a source of tokens besides numbers. */
public final class SendArguments {

    /** Kinds of content. */
    enum Content {
        details,
        token_ids,
        prompts,
        texts,
        answers
    }

    @Option(
            names = "--send",
            paramLabel = "CONTENT",
            split = ",",
            description = "What may be published besides numbers: ${COMPLETION-CANDIDATES}. Default: nothing.")
    private Set<Content> send = EnumSet.noneOf(Content.class);

    @Option(
            names = "--run-text",
            paramLabel = "CHARACTERS",
            description =
                    "Most characters of generated text that may be published with each run of tokens, for live pages, 0 to "
                            + EventOptions.MAX_RUN_TEXT + ". Default: 0, none.")
    private int runTextCharacters;

    /**
     * What that comes to.
     *
     * @throws IllegalArgumentException if the number of characters is out of its bounds
     */
    public EventOptions eventOptions() {
        return new EventOptions(
                send.contains(Content.details),
                send.contains(Content.token_ids),
                send.contains(Content.prompts),
                send.contains(Content.texts),
                send.contains(Content.answers),
                runTextCharacters);
    }
}
