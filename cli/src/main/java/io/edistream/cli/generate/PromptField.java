package io.edistream.cli.generate;

import com.fasterxml.jackson.databind.JsonNode;
import io.edistream.cli.JsonLine;
import io.edistream.generator.decode.ChatMessage;
import io.edistream.generator.decode.ChatMessage.Role;
import io.edistream.generator.decode.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a line asks: a {@code "prompt"}, or {@code "messages"} of {@code {"role": "user", "content": "..."}}. */
final class PromptField {

    private static final Map<String, Role> ROLES =
            Map.of("system", Role.SYSTEM, "user", Role.USER, "assistant", Role.ASSISTANT);

    private PromptField() {}

    /**
     * Reads either.
     *
     * @throws IllegalArgumentException if there is neither or both, or one is wrong
     */
    static Prompt read(JsonNode object) {
        if (!object.has("messages")) {
            return new Prompt.Text(text(object, "prompt", "\"prompt\""));
        }
        if (object.has("prompt")) {
            throw new IllegalArgumentException("a line has either \"prompt\" or \"messages\", not both");
        }
        JsonNode array = object.path("messages");
        if (!array.isArray() || array.isEmpty()) {
            throw new IllegalArgumentException("\"messages\" is " + JsonLine.describe(array)
                    + ": must be a list of at least one {\"role\": \"user\", \"content\": \"...\"}");
        }
        List<ChatMessage> messages = new ArrayList<>();
        for (JsonNode message : array) {
            String where = "of message " + (messages.size() + 1);
            messages.add(new ChatMessage(
                    role(text(message, "role", "\"role\" " + where), where),
                    text(message, "content", "\"content\" " + where)));
        }
        return new Prompt.Messages(messages);
    }

    private static Role role(String name, String where) {
        Role role = ROLES.get(name.toLowerCase(Locale.ROOT));
        if (role == null) {
            throw new IllegalArgumentException(
                    "\"role\" " + where + " is \"" + name + "\": must be system, user or assistant");
        }
        return role;
    }

    private static String text(JsonNode object, String field, String what) {
        JsonNode value = object.path(field);
        if (!value.isTextual()) {
            throw new IllegalArgumentException(what + " is " + JsonLine.describe(value) + ": must be a string");
        }
        return value.textValue();
    }
}
