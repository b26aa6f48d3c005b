package io.edistream.generator.torch;

import io.edistream.generator.decode.Prompt;
import java.util.List;

/**
 * A prompt whose tokens are known from elsewhere.
 *
 * @param prompt the prompt
 * @param ids its tokens
 * @param greedy what the model generates when it always takes the most probable token, as far as that is beyond doubt
 */
record PromptCheck(Prompt prompt, List<Integer> ids, List<Integer> greedy) {

    /** Copies the lists. */
    PromptCheck {
        ids = List.copyOf(ids);
        greedy = List.copyOf(greedy);
    }
}
