package io.edistream.sequences;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hears of the tokens of generations as they come. Called on the thread that decodes, after the tokens were reported: it must
 * return at once and should not throw.
 */
@FunctionalInterface
public interface TokenListener {

    /** Hears nothing. */
    TokenListener NONE = news -> {};

    /** A sequence that serves the generation has new tokens, or has ended and lets go of text that it had held back. */
    void hears(News news);

    /**
     * What is new.
     *
     * @param generation the caller's choice
     * @param sequence number of the sequence that serves it now
     * @param route name of the route that sequence is decoded on, whose vocabulary the tokens are of
     * @param firstToken index of the first new token in that sequence
     * @param tokens new tokens, none at an end
     * @param text what they add to the text: half a character, or what may be the beginning of a stop string, comes with a
     *     later token
     * @param end why the generation ended; null if it goes on
     * @param stop the command that ended it; null if none did
     * @param moved the command that let that sequence go on with it; null if none did
     * @param concluded the last command that ended its reasoning in that sequence; null if none did
     */
    record News(
            GenerationHandle generation,
            long sequence,
            String route,
            int firstToken,
            List<DecodedToken> tokens,
            String text,
            @Nullable EndReason end,
            Intervention.@Nullable Stop stop,
            Intervention.@Nullable Reroute moved,
            Intervention.@Nullable Conclude concluded) {

        /** Copies the list. */
        public News {
            tokens = List.copyOf(tokens);
        }
    }
}
