package io.edistream.generator.decode;

/**
 * A message of a conversation.
 *
 * @param role who says it
 * @param content what
 */
public record ChatMessage(Role role, String content) {

    /** Who can say something. */
    public enum Role {
        /** Whoever set the model up; the first message, if there is one. */
        SYSTEM,
        /** Who asks. */
        USER,
        /** The model. */
        ASSISTANT
    }
}
