package io.edistream.gateway.request;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * What llama.cpp is asked for so that it forces the end of a running answer's reasoning. It answers with a member {@code success}.
 *
 * <p>Source: measured on llama-server b11434.
 */
public final class ReasoningEnd {

    /** Where it is asked. */
    public static final String PATH = Endpoint.CHAT.path() + "/control";

    private ReasoningEnd() {}

    /**
     * The question.
     *
     * @param answer what the engine calls the answer
     * @param model of several behind one address; null if there is one
     */
    public static byte[] body(String answer, @Nullable String model) {
        ObjectNode body =
                JsonNodeFactory.instance.objectNode().put("id", answer).put("action", "reasoning_end");
        if (model != null) {
            body.put("model", model);
        }
        return body.toString().getBytes(UTF_8);
    }
}
