package io.edistream.gateway.request;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
        return JsonNodeFactory.instance
                .objectNode()
                .put("content", text)
                .put("add_special", whole)
                .put("parse_special", marks);
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
