package io.edistream.gateway.request;

import com.fasterxml.jackson.databind.JsonNode;
import io.edistream.gateway.engine.EnginePrompt;
import io.edistream.gateway.engine.EnginePrompt.Message;
import io.edistream.gateway.engine.EnginePrompt.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Prompts and conversations as clients write them. */
final class Prompts {

    private static final Set<String> OF_A_MESSAGE = Set.of("role", "content");

    private Prompts() {}

    /**
     * The prompt of a completion: a text, token ids, or a list of one of them.
     *
     * @throws IllegalArgumentException if there is none, or more than one
     */
    static EnginePrompt prompt(Members members) {
        JsonNode prompt = members.value("prompt");
        if (prompt == null) {
            throw new IllegalArgumentException("prompt is missing");
        }
        if (prompt.isArray() && prompt.size() == 1 && !prompt.get(0).isNumber()) {
            prompt = prompt.get(0);
        }
        if (prompt.isTextual()) {
            return new EnginePrompt.Text(prompt.textValue());
        }
        if (!prompt.isArray() || prompt.isEmpty()) {
            throw Members.wrong("prompt", "a text or a list of token ids", prompt);
        }
        if (!prompt.get(0).isNumber()) {
            throw new IllegalArgumentException(
                    "several prompts in one request are not possible here: send one for each");
        }
        List<Integer> ids = new ArrayList<>(prompt.size());
        for (JsonNode id : prompt) {
            if (!id.isIntegralNumber() || !id.canConvertToInt()) {
                throw Members.wrong("prompt", "a text or a list of token ids", id);
            }
            ids.add(id.intValue());
        }
        return new EnginePrompt.Tokens(ids);
    }

    /**
     * The conversation of a chat.
     *
     * @throws IllegalArgumentException if there is none, or something in it is no text of somebody who may speak
     */
    static EnginePrompt conversation(Members members) {
        JsonNode list = members.value("messages");
        if (list == null || !list.isArray() || list.isEmpty()) {
            throw new IllegalArgumentException("messages must be a list of at least one message");
        }
        List<Message> messages = new ArrayList<>(list.size());
        for (JsonNode one : list) {
            messages.add(message("messages[" + messages.size() + "]", one));
        }
        return new EnginePrompt.Conversation(messages);
    }

    private static Message message(String where, JsonNode object) {
        if (!object.isObject()) {
            throw Members.wrong(where, "an object", object);
        }
        Members members = new Members(object);
        object.fieldNames().forEachRemaining(name -> {
            JsonNode value = members.value(name);
            if (!OF_A_MESSAGE.contains(name) && value != null && !(value.isContainerNode() && value.isEmpty())) {
                throw new IllegalArgumentException(
                        where + " has more than role and content, which the model's template has no place for");
            }
        });
        return new Message(role(where, members.value("role")), content(where, members.value("content")));
    }

    private static Role role(String where, @Nullable JsonNode role) {
        return switch (role == null ? "" : role.asText()) {
            case "system", "developer" -> Role.SYSTEM;
            case "user" -> Role.USER;
            case "assistant" -> Role.ASSISTANT;
            default -> throw new IllegalArgumentException(where + ".role must be system, developer, user or assistant");
        };
    }

    /** A text, or parts that are texts. */
    private static String content(String where, @Nullable JsonNode content) {
        if (content != null && content.isTextual()) {
            return content.textValue();
        }
        if (content == null || !content.isArray()) {
            throw new IllegalArgumentException(where + ".content must be a text or a list of parts that are texts");
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode part : content) {
            if (!"text".equals(part.path("type").asText()) || !part.path("text").isTextual()) {
                throw new IllegalArgumentException(
                        where + ".content has a part that is no text: there is only text here");
            }
            text.append(part.path("text").textValue());
        }
        return text.toString();
    }
}
