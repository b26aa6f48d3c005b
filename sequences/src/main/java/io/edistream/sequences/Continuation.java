package io.edistream.sequences;

/**
 * How a sequence goes on from an earlier one of the same source.
 *
 * @param sequence number of the sequence that is continued
 * @param cause why
 * @param method what the new one was given
 * @param sharedTokens generated tokens of the earlier one that are part of the new one's prompt
 */
public record Continuation(long sequence, Cause cause, Method method, int sharedTokens) {

    /** Why a sequence is continued. */
    public enum Cause {
        /** On another route. */
        REROUTE,
        /** To let it answer. */
        CONCLUDE,
        /** The engine failed. */
        RETRY
    }

    /** What the new sequence was given. */
    public enum Method {
        /** Prompt and generated tokens by their ids, which is exact. */
        BY_IDS,
        /** Prompt and generated text, which may be cut into other tokens. */
        BY_TEXT,
        /** The prompt alone. */
        FROM_PROMPT
    }
}
