package io.edistream.gateway.engine;

import java.util.List;

/** What a model is to continue. */
public sealed interface EnginePrompt {

    /**
     * Words.
     *
     * @param text the words
     */
    record Text(String text) implements EnginePrompt {}

    /**
     * Tokens.
     *
     * @param ids their ids in the model's vocabulary
     */
    record Tokens(List<Integer> ids) implements EnginePrompt {
        /** Copies the list. */
        public Tokens {
            ids = List.copyOf(ids);
        }
    }

    /**
     * A conversation, which the model's own template puts into words.
     *
     * @param messages in order
     */
    record Conversation(List<Message> messages) implements EnginePrompt {
        /** Copies the list. */
        public Conversation {
            messages = List.copyOf(messages);
        }
    }

    /**
     * A message of a conversation.
     *
     * @param role who says it
     * @param text what
     */
    record Message(Role role, String text) {}

    /** Who can say something. */
    enum Role {
        /** Whoever set the model up. */
        SYSTEM,
        /** Who asks. */
        USER,
        /** The model. */
        ASSISTANT
    }
}
