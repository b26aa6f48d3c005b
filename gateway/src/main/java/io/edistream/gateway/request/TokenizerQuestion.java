package io.edistream.gateway.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What engines are asked for the ids of a text. They answer with a member {@code tokens}.
 *
 * <p>Source: measured on llama-server b11434; for vLLM the protocol of 0.32.0, which was not asked.
 */
public final class TokenizerQuestion {

    /** Where it is asked. */
    public static final String PATH = "/tokenize";

    /** Where llama.cpp says in the member {@code prompt} what text a chat's messages are. */
    public static final String TEMPLATE_PATH = "/apply-template";

    private TokenizerQuestion() {}

    /**
     * The question for llama.cpp.
     *
     * @param whole whether the ids begin with what a prompt begins with
     * @param marks whether what looks like a mark of a template is one
     */
    public static ObjectNode ofLlamaCpp(String text, boolean whole, boolean marks) {
        return ofLlamaCpp(TextNode.valueOf(text), whole, marks);
    }

    /** The question for llama.cpp for texts of which each is cut by itself; the ids of all come in one list. */
    public static ObjectNode ofLlamaCpp(List<String> texts) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode();
        texts.forEach(all::add);
        return ofLlamaCpp(all, false, false);
    }

    private static ObjectNode ofLlamaCpp(JsonNode content, boolean whole, boolean marks) {
        ObjectNode question = JsonNodeFactory.instance.objectNode();
        question.set("content", content);
        return question.put("add_special", whole).put("parse_special", marks);
    }

    /** The question for vLLM, for the ids of a text that is the beginning of no prompt. */
    public static ObjectNode ofVllm(@Nullable String model, String text) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("model", model)
                .put("prompt", text)
                .put("add_special_tokens", false);
    }
}
