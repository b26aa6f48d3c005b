package io.edistream.gateway.reading;

import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.Phase;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is new of one choice.
 *
 * @param index which choice, 0 to 127
 * @param firstToken index of the first new token, from 0
 * @param tokens new tokens; those that the engine decoded and did not show are among them, unmeasured
 * @param text what they add to the text, by characters that need not be theirs
 * @param reasoning what they add to the reasoning, where the engine sends it apart
 * @param phase what the choice is at
 * @param finish why it has ended, in the engine's word; null if it has not
 */
public record ChoicePassage(
        int index,
        int firstToken,
        List<DecodedToken> tokens,
        String text,
        String reasoning,
        Phase phase,
        @Nullable String finish) {

    /** Copies the list. */
    public ChoicePassage {
        tokens = List.copyOf(tokens);
    }
}
