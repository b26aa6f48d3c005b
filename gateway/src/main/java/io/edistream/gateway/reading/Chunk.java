package io.edistream.gateway.reading;

import io.edistream.gateway.json.JsonSpans;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one event says; mutable while it is read. */
final class Chunk {

    /** The members of the whole; null until it was read. */
    @Nullable
    JsonSpans members;

    /** What the engine calls the answer; empty if it does not say. */
    String id = "";

    final List<Choice> choices = new ArrayList<>();

    @Nullable
    Usage usage;

    /** Tokens of the choice so far, by the engine's own count; -1 if it does not say. */
    int predicted = -1;

    /** Tokens of the prompt, where the engine counts them beside the tokens so far; -1 if it does not. */
    int promptTokens = -1;

    /** Tokens of the prompt that the engine had read before, by its own count; -1 if it does not say. */
    int cachedTokens = -1;

    /** Ids of the prompt's tokens; null if the engine does not send them. */
    int @Nullable [] promptIds;

    /** The numbers of tokens, as far as they are told; null if they are not. */
    @Nullable
    Usage told() {
        if (usage == null) {
            return promptTokens < 0 ? null : new Usage(promptTokens, -1, cachedTokens);
        }
        return usage.cachedTokens() < 0 && cachedTokens >= 0
                ? new Usage(usage.promptTokens(), usage.completionTokens(), cachedTokens)
                : usage;
    }

    @Nullable
    UpstreamError error;

    JsonSpans members() {
        if (members == null) {
            throw new IllegalStateException("the event was not read");
        }
        return members;
    }

    /** What it says of one choice. */
    static final class Choice {

        /** -1 if there is none that can be used. */
        int index = -1;

        @Nullable
        JsonSpans members;

        /** The members of its delta, or message; null if it has none. */
        @Nullable
        JsonSpans delta;

        String text = "";
        String reasoning = "";
        boolean callsTool;
        boolean hasRole;

        /** Whether the choice had no role before. */
        boolean isFirstRole;

        @Nullable
        String finish;

        /** Ids of its new tokens; null if the engine does not send any. */
        int @Nullable [] ids;

        int firstEntry;
        int entries;

        JsonSpans members() {
            if (members == null) {
                throw new IllegalStateException("the choice was not read");
            }
            return members;
        }

        boolean hasText() {
            return !text.isEmpty() || !reasoning.isEmpty() || callsTool;
        }
    }
}
