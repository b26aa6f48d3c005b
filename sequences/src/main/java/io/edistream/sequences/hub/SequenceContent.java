package io.edistream.sequences.hub;

import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the tokens of one sequence say. Should not throw: what cannot be made is missing. It is asked about all tokens, or
 * about those alone that were not reported if the engine does not keep them. Used by the hub's thread.
 */
public interface SequenceContent {

    /**
     * The text that is new since the last call.
     *
     * @param last whether no more comes behind it, so that nothing is held back
     */
    String newText(List<DecodedToken> tokens, boolean last);

    /** What the sequence comes to. */
    Ending ending(List<DecodedToken> tokens, EndReason reason);

    /**
     * What a sequence came to.
     *
     * @param text its tokens as text, without what ends it
     * @param thinkingOpen whether it had not begun to answer
     * @param answer the extracted answer, if there is one
     * @param correct whether the answer is right; null if nobody knows
     */
    record Ending(String text, boolean thinkingOpen, @Nullable String answer, @Nullable Boolean correct) {}
}
