package io.edistream.gateway.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.reading.ChoicePassage;
import io.edistream.gateway.reading.Usage;
import io.edistream.gateway.request.Asked;
import io.edistream.gateway.request.Endpoint;
import io.edistream.gateway.request.OnwardRequest;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes one answer of the events of another engine that goes on with it: under the first one's id, in its form, without what it repeats,
 * and with the tokens of both in the numbers at its end.
 */
final class Stitch {

    private final ObjectNode shared;
    private final Asked asked;
    private final boolean becomesChat;
    private final boolean roleIsNew;
    private final int tokensBefore;
    private final List<UpstreamUsage> earlier;
    private final String upstream;
    private final @Nullable ObjectNode notice;
    private String repeated;

    private boolean noticed;

    /**
     * @param shared what all events of the answer have in common
     * @param asked what its client has asked for
     * @param onward what the other engine was asked
     * @param roleIsNew whether the client has not heard whose message it is
     * @param earlier what those have used that it came from before
     * @param upstream who goes on
     * @param notice what the answer says of it; null for nothing
     */
    Stitch(
            ObjectNode shared,
            Asked asked,
            OnwardRequest onward,
            boolean roleIsNew,
            List<UpstreamUsage> earlier,
            String upstream,
            @Nullable ObjectNode notice) {
        this.shared = shared;
        this.asked = asked;
        becomesChat = asked.endpoint() == Endpoint.CHAT && onward.asked().endpoint() != Endpoint.CHAT;
        this.roleIsNew = roleIsNew;
        tokensBefore = onward.tokens();
        this.earlier = List.copyOf(earlier);
        this.upstream = upstream;
        this.notice = notice;
        repeated = onward.repeated();
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
        boolean counts = usage instanceof ObjectNode;
        if (!says && !counts) {
            return null;
        }
        for (Map.Entry<String, JsonNode> member : shared.properties()) {
            chunk.set(member.getKey(), member.getValue());
        }
        if (notice != null && !noticed && says) {
            noticed = true;
            chunk.set(EndNotice.MEMBER, notice);
        }
        // What becomes one body reads events one by one.
        String numbers = counts && becomesChat && says && asked.streams() ? apart(chunk) : "";
        if (chunk.get("usage") instanceof ObjectNode told) {
            count(told, chunk);
        }
        return ("data: " + chunk + "\n\n" + numbers).getBytes(UTF_8);
    }

    /** A chat has its numbers in an event of their own, and only if they were asked for. */
    private String apart(ObjectNode chunk) {
        JsonNode usage = chunk.remove("usage");
        if (!(usage instanceof ObjectNode told) || !asked.wantsUsage()) {
            return "";
        }
        ObjectNode last = shared.deepCopy();
        last.putArray("choices");
        last.set("usage", told);
        count(told, last);
        return "data: " + last + "\n\n";
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
        if (becomesChat) {
            JsonNode text = choice.remove("text");
            choice.remove("logprobs");
            choice.putObject("delta");
            if (text != null && !text.asText().isEmpty()) {
                choice.withObject("/delta").put("content", text.asText());
            }
        }
        if (choice.get("delta") instanceof ObjectNode delta) {
            if (!roleIsNew) {
                delta.remove("role");
            }
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

    /** The prompt once, and the tokens that the client has; beside that, what was used by whom. */
    private void count(ObjectNode usage, ObjectNode event) {
        Usage own = new Usage(
                usage.path("prompt_tokens").asInt(-1),
                usage.path("completion_tokens").asInt(-1),
                usage.at("/prompt_tokens_details/cached_tokens").asInt(-1));
        int known = knownPrompt();
        int prompt = known >= 0 ? known : Math.max(0, own.promptTokens() - tokensBefore);
        int answer = tokensBefore + Math.max(0, own.completionTokens());
        usage.put("prompt_tokens", prompt);
        usage.put("completion_tokens", answer);
        usage.put("total_tokens", prompt + answer);
        cached(usage);
        if (notice != null) {
            ArrayNode all = event.withObject('/' + EndNotice.MEMBER).putArray("usage");
            earlier.forEach(part -> part.write(all));
            new UpstreamUsage(upstream, own, 0).write(all);
        }
    }

    /** Of the client's own prompt, too: the last one's has what was generated in it, which may be more than all of that. */
    private void cached(ObjectNode usage) {
        int first = earlier.get(0).counted().cachedTokens();
        if (!(usage.get("prompt_tokens_details") instanceof ObjectNode details)) {
            return;
        }
        if (first >= 0) {
            details.put("cached_tokens", first);
        } else {
            details.remove("cached_tokens");
        }
        if (details.isEmpty()) {
            usage.remove("prompt_tokens_details");
        }
    }

    /** Of the client's own prompt, as the first one says that tells; -1 if none does. */
    private int knownPrompt() {
        int before = 0;
        for (UpstreamUsage part : earlier) {
            if (part.counted().promptTokens() >= 0) {
                return Math.max(0, part.counted().promptTokens() - before);
            }
            before += part.counted().completionTokens() - part.discarded();
        }
        return -1;
    }

    /** What an engine repeats is not what its client has. */
    static final class Contradiction extends Exception {
        private static final long serialVersionUID = 1;

        private Contradiction() {
            super("it repeats another text than it was given");
        }
    }
}
