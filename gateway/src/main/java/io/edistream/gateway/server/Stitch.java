package io.edistream.gateway.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.reading.ChoicePassage;
import io.edistream.gateway.reading.Usage;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes one answer of the events of another engine that goes on with it: under the first one's id, without what it repeats, and with
 * the tokens of both in the numbers at its end.
 */
final class Stitch {

    private final ObjectNode shared;
    private final @Nullable ObjectNode notice;
    private final Usage before;
    private String repeated;

    private boolean noticed;

    /**
     * @param shared what all events of the answer have in common
     * @param repeated what the engine repeats before it goes on
     * @param notice what the answer says of it; null for nothing
     * @param before tokens of the prompt, and of the answer until here; -1 for a prompt of unknown length
     */
    Stitch(ObjectNode shared, String repeated, @Nullable ObjectNode notice, Usage before) {
        this.shared = shared;
        this.repeated = repeated;
        this.notice = notice;
        this.before = before;
    }

    /**
     * An event as its client is to see it; null if nothing is left of it.
     *
     * @throws Contradiction if the engine does not go on with what the client has
     */
    byte @Nullable [] event(byte[] event) throws Contradiction {
        if (!(LastChunk.json(event) instanceof ObjectNode chunk) || chunk.has("error")) {
            return event;
        }
        boolean says = false;
        for (JsonNode choice : chunk.path("choices")) {
            says |= choice instanceof ObjectNode one && says(one);
        }
        JsonNode usage = chunk.get("usage");
        if (!says && (usage == null || usage.isNull())) {
            return null;
        }
        for (Map.Entry<String, JsonNode> member : shared.properties()) {
            chunk.set(member.getKey(), member.getValue());
        }
        if (usage instanceof ObjectNode numbers) {
            count(numbers);
        }
        if (notice != null && !noticed && says) {
            noticed = true;
            chunk.set(EndNotice.MEMBER, notice);
        }
        return ("data: " + chunk + "\n\n").getBytes(UTF_8);
    }

    /** What was read of a choice, without what its engine repeats; asked before its event is. */
    ChoicePassage choice(ChoicePassage read) {
        int again = Math.min(repeated.length(), read.text().length());
        return again == 0
                ? read
                : new ChoicePassage(
                        read.index(),
                        read.firstToken(),
                        read.tokens(),
                        read.text().substring(again),
                        read.reasoning(),
                        read.phase(),
                        read.finish());
    }

    /** Takes out of a choice what the client has; whether it then says anything. */
    private boolean says(ObjectNode choice) throws Contradiction {
        boolean finishes = choice.hasNonNull("finish_reason");
        if (choice.get("delta") instanceof ObjectNode delta) {
            delta.remove("role");
            if (delta.path("content").isTextual()) {
                delta.put("content", fresh(delta.path("content").textValue()));
            }
            return finishes || hasContent(delta);
        }
        if (choice.path("text").isTextual()) {
            choice.put("text", fresh(choice.path("text").textValue()));
            return finishes || !choice.path("text").textValue().isEmpty();
        }
        return finishes;
    }

    private static boolean hasContent(ObjectNode delta) {
        for (JsonNode value : delta) {
            if (!value.isNull() && !(value.isTextual() && value.textValue().isEmpty())) {
                return true;
            }
        }
        return false;
    }

    private String fresh(String text) throws Contradiction {
        if (repeated.isEmpty()) {
            return text;
        }
        if (text.startsWith(repeated)) {
            String fresh = text.substring(repeated.length());
            repeated = "";
            return fresh;
        }
        if (!repeated.startsWith(text)) {
            throw new Contradiction();
        }
        repeated = repeated.substring(text.length());
        return "";
    }

    private void count(ObjectNode usage) {
        int answer = before.completionTokens() + usage.path("completion_tokens").asInt(0);
        int prompt = before.promptTokens() >= 0
                ? before.promptTokens()
                : Math.max(0, usage.path("prompt_tokens").asInt(0) - before.completionTokens());
        usage.put("prompt_tokens", prompt);
        usage.put("completion_tokens", answer);
        usage.put("total_tokens", prompt + answer);
    }

    /** What an engine repeats is not what its client has. */
    static final class Contradiction extends Exception {
        private static final long serialVersionUID = 1;

        private Contradiction() {
            super("it repeats another text than it was given");
        }
    }
}
