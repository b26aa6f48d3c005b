package io.edistream.gateway.reading;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one piece of an answer says, and what of it goes on to the client. */
public final class Passage {

    private final byte @Nullable [] bytes;
    private final List<ChoicePassage> choices;
    private final @Nullable Usage usage;
    private final @Nullable UpstreamError error;
    private final int @Nullable [] promptIds;
    private final boolean done;

    Passage(
            byte @Nullable [] bytes,
            List<ChoicePassage> choices,
            @Nullable Usage usage,
            @Nullable UpstreamError error,
            int @Nullable [] promptIds,
            boolean done) {
        this.bytes = bytes;
        this.choices = List.copyOf(choices);
        this.usage = usage;
        this.error = error;
        this.promptIds = promptIds;
        this.done = done;
    }

    /** One that says nothing. */
    static Passage unchanged(byte[] bytes) {
        return new Passage(bytes, List.of(), null, null, null, false);
    }

    /** Bytes for the client; null if nothing is left. Not a copy: must not be changed. */
    public byte @Nullable [] bytes() {
        return bytes;
    }

    /** What is new, by choice, in the order of the engine. */
    public List<ChoicePassage> choices() {
        return choices;
    }

    /** The numbers of tokens; null if the piece has none. */
    public @Nullable Usage usage() {
        return usage;
    }

    /** An error that the engine sent; null if it did not. */
    public @Nullable UpstreamError error() {
        return error;
    }

    /** Ids of the prompt's tokens; null if the piece has none. Not a copy: must not be changed. */
    public int @Nullable [] promptIds() {
        return promptIds;
    }

    /** Whether it is the mark behind the last event. */
    public boolean isDone() {
        return done;
    }
}
