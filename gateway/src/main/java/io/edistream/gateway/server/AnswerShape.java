package io.edistream.gateway.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.request.Endpoint;
import io.edistream.gateway.request.LocalAsked;
import io.edistream.gateway.watch.Ended;
import io.edistream.sequences.Intervention;
import io.vertx.core.buffer.Buffer;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** How an answer of an engine in this process looks: as OpenAI's API has it. */
final class AnswerShape {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final LocalAsked asked;
    private final String id;
    private final long createdSeconds;

    /**
     * @param requestId names it
     * @param createdSeconds since 1970-01-01 UTC
     */
    AnswerShape(LocalAsked asked, String requestId, long createdSeconds) {
        this.asked = asked;
        this.id = (asked.endpoint() == Endpoint.CHAT ? "chatcmpl-" : "cmpl-") + requestId;
        this.createdSeconds = createdSeconds;
    }

    private boolean isChat() {
        return asked.endpoint() == Endpoint.CHAT;
    }

    /** The first event of a choice in a chat; completions have none. */
    void begin(Buffer out, LocalChoice choice) {
        if (isChat()) {
            ObjectNode chunk = chunk();
            ObjectNode one = choice(chunk.putArray("choices"), choice);
            one.putObject("delta").put("role", "assistant").put("content", "");
            one.putNull("logprobs").putNull("finish_reason");
            write(out, chunk);
        }
    }

    /** What is new of a choice. */
    void news(Buffer out, LocalChoice choice) {
        ObjectNode chunk = chunk();
        ObjectNode one = choice(chunk.putArray("choices"), choice);
        String text = choice.takeText();
        if (isChat()) {
            one.putObject("delta").put("content", text);
        } else {
            one.put("text", text);
        }
        one.set("logprobs", logprobs(choice));
        one.putNull("finish_reason");
        LocalChoice.Notice notice = choice.takeNotice();
        if (notice != null) {
            write(chunk.putObject(EndNotice.MEMBER), choice, notice);
        }
        write(out, chunk);
    }

    /** The last event of a choice. */
    void end(Buffer out, LocalChoice choice) {
        ObjectNode chunk = chunk();
        ObjectNode one = choice(chunk.putArray("choices"), choice);
        if (isChat()) {
            one.putObject("delta");
        } else {
            one.put("text", "");
        }
        one.putNull("logprobs").put("finish_reason", choice.finish());
        Ended ended = choice.ended();
        if (ended != null) {
            EndNotice.write(chunk.putObject(EndNotice.MEMBER), choice.index(), ended);
        }
        write(out, chunk);
    }

    /** The end of a stream. */
    void done(Buffer out, int promptTokens, int completionTokens) {
        if (asked.usage()) {
            ObjectNode chunk = head(asked.endpoint().chunk());
            chunk.putArray("choices");
            usage(chunk, promptTokens, completionTokens);
            write(out, chunk);
        }
        out.appendBytes(LastChunk.DONE);
    }

    /** The answer in one piece. */
    byte[] whole(Collection<LocalChoice> choices, int promptTokens, int completionTokens) {
        ObjectNode body = head(asked.endpoint().whole());
        ArrayNode list = body.putArray("choices");
        ArrayNode ends = MAPPER.createArrayNode();
        ArrayNode moves = MAPPER.createArrayNode();
        ArrayNode conclusions = MAPPER.createArrayNode();
        for (LocalChoice choice : choices) {
            ObjectNode one = choice(list, choice);
            if (isChat()) {
                one.putObject("message")
                        .put("role", "assistant")
                        .put("content", choice.takeText())
                        .putNull("refusal");
            } else {
                one.put("text", choice.takeText());
            }
            one.set("logprobs", logprobs(choice));
            one.put("finish_reason", choice.finish());
            Ended ended = choice.ended();
            if (ended != null) {
                EndNotice.write(ends.addObject(), choice.index(), ended);
            }
            for (LocalChoice.Notice notice = choice.takeNotice(); notice != null; notice = choice.takeNotice()) {
                boolean moved = notice.why() instanceof Intervention.Reroute;
                write((moved ? moves : conclusions).addObject(), choice, notice);
            }
        }
        usage(body, promptTokens, completionTokens);
        EndNotice.list(body, "ended", ends);
        EndNotice.list(body, "rerouted", moves);
        EndNotice.list(body, "concluded", conclusions);
        return body.toString().getBytes(UTF_8);
    }

    private static void write(ObjectNode to, LocalChoice choice, LocalChoice.Notice notice) {
        if (notice.why() instanceof Intervention.Reroute reroute) {
            EndNotice.write(to, choice.index(), reroute, notice.token());
        } else if (notice.why() instanceof Intervention.Conclude conclude) {
            EndNotice.write(to, choice.index(), conclude, notice.token());
        }
    }

    private static @Nullable ObjectNode logprobs(LocalChoice choice) {
        Logprobs logprobs = choice.logprobs();
        return logprobs == null ? null : logprobs.take();
    }

    private ObjectNode head(String object) {
        return MAPPER.createObjectNode()
                .put("id", id)
                .put("object", object)
                .put("created", createdSeconds)
                .put("model", asked.model().name());
    }

    /** Where usage is to come, OpenAI's events that have none say so. */
    private ObjectNode chunk() {
        ObjectNode chunk = head(asked.endpoint().chunk());
        if (asked.usage()) {
            chunk.putNull("usage");
        }
        return chunk;
    }

    private static ObjectNode choice(ArrayNode choices, LocalChoice choice) {
        return choices.addObject().put("index", choice.index());
    }

    private static void usage(ObjectNode to, int promptTokens, int completionTokens) {
        to.putObject("usage")
                .put("prompt_tokens", promptTokens)
                .put("completion_tokens", completionTokens)
                .put("total_tokens", promptTokens + completionTokens);
    }

    private static void write(Buffer out, ObjectNode chunk) {
        out.appendString("data: ").appendString(chunk.toString()).appendString("\n\n");
    }
}
