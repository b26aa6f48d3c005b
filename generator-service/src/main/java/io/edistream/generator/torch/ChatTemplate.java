package io.edistream.generator.torch;

import io.edistream.generator.decode.ChatMessage;
import io.edistream.generator.decode.ChatMessage.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What stands between the messages of a conversation.
 *
 * @param system around a system message, the conversation's beginning included; null if there can be none
 * @param foldsSystem whether the first user message goes on where the system message ended, without a prefix
 * @param withoutSystem the beginning of a conversation that has no system message
 * @param user around a user message
 * @param assistant around an assistant message
 * @param generationPrompt behind the last user message, where the model goes on
 * @param trimmed roles whose messages lose white space at both ends
 * @param removed what is removed from assistant messages; null for nothing
 */
record ChatTemplate(
        @Nullable Around system,
        boolean foldsSystem,
        String withoutSystem,
        Around user,
        Around assistant,
        String generationPrompt,
        Set<Role> trimmed,
        @Nullable Pattern removed) {

    private static final Pattern OUTER_SPACE = Pattern.compile("(?U)^\\s+|\\s+$");

    /** Copies the set. */
    ChatTemplate {
        trimmed = Set.copyOf(trimmed);
    }

    /**
     * What stands around a message.
     *
     * @param prefix before it
     * @param suffix behind it
     */
    record Around(String prefix, String suffix) {}

    /**
     * A part of a conversation.
     *
     * @param text the part
     * @param isTemplate whether names of special tokens in it mean these tokens
     */
    record Segment(String text, boolean isTemplate) {}

    /**
     * The parts of a conversation, up to where the model goes on.
     *
     * @throws IllegalArgumentException if it is not a conversation that the template was checked for
     */
    List<Segment> segments(List<ChatMessage> messages) {
        requireTurns(messages);
        List<Segment> segments = new ArrayList<>();
        if (messages.get(0).role() != Role.SYSTEM) {
            segments.add(new Segment(withoutSystem, true));
        }
        boolean folded = false;
        for (ChatMessage message : messages) {
            Around around = around(message.role());
            segments.add(new Segment(folded ? "" : around.prefix(), true));
            segments.add(new Segment(content(message), false));
            segments.add(new Segment(around.suffix(), true));
            folded = foldsSystem && message.role() == Role.SYSTEM;
        }
        segments.add(new Segment(generationPrompt, true));
        return segments;
    }

    private void requireTurns(List<ChatMessage> messages) {
        int first = !messages.isEmpty() && messages.get(0).role() == Role.SYSTEM ? 1 : 0;
        if (first == 1 && system == null) {
            throw new IllegalArgumentException("the model's chat template takes no system message");
        }
        if ((messages.size() - first) % 2 == 0) {
            throw wrongTurns();
        }
        for (int i = first; i < messages.size(); i++) {
            if (messages.get(i).role() != ((i - first) % 2 == 0 ? Role.USER : Role.ASSISTANT)) {
                throw wrongTurns();
            }
        }
    }

    private static IllegalArgumentException wrongTurns() {
        return new IllegalArgumentException("messages must be of user and assistant in turn, the first and the last of"
                + " user; one of system may stand before them");
    }

    private Around around(Role role) {
        return switch (role) {
            case SYSTEM -> Objects.requireNonNull(system);
            case USER -> user;
            case ASSISTANT -> assistant;
        };
    }

    private String content(ChatMessage message) {
        String text = message.content();
        if (removed != null && message.role() == Role.ASSISTANT) {
            text = removed.matcher(text).replaceAll("");
        }
        return trimmed.contains(message.role()) ? OUTER_SPACE.matcher(text).replaceAll("") : text;
    }
}
