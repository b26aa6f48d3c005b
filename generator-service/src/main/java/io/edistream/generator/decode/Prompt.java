package io.edistream.generator.decode;

import java.util.List;

/** What a model is to continue. */
public sealed interface Prompt {

    /**
     * Words, which the route turns into tokens as its model was trained.
     *
     * @param text the words
     */
    record Text(String text) implements Prompt {}

    /**
     * A conversation, which the route writes as its model was trained. The last message is the user's.
     *
     * @param messages in order
     */
    record Messages(List<ChatMessage> messages) implements Prompt {
        /** Copies the list. */
        public Messages {
            messages = List.copyOf(messages);
        }
    }

    /**
     * Tokens, taken as they are.
     *
     * @param ids token ids, at least one
     */
    record Tokens(List<Integer> ids) implements Prompt {
        /** Copies the list. */
        public Tokens {
            ids = List.copyOf(ids);
        }
    }
}
