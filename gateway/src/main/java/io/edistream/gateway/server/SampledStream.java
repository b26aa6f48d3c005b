package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.request.Asked;
import io.edistream.gateway.request.Endpoint;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** An answer that is whole already, as the events of a stream: what a choice says first, its text, its end, the numbers of tokens. */
final class SampledStream {

    private final boolean chat;
    private final ObjectNode shared;
    private final Buffer events = Buffer.buffer();

    private SampledStream(boolean chat, ObjectNode shared) {
        this.chat = chat;
        this.shared = shared;
    }

    /**
     * @param body the answer in one piece, with one choice
     * @param ours what its end says beside it
     */
    static Buffer of(Asked asked, ObjectNode body, ObjectNode ours) {
        JsonNode usage = body.get("usage");
        ObjectNode choice = (ObjectNode) body.at("/choices/0");
        ObjectNode shared = body.deepCopy();
        shared.remove("usage");
        shared.remove("choices");
        boolean chat = asked.endpoint() == Endpoint.CHAT;
        shared.put("object", asked.endpoint().chunk());
        SampledStream stream = new SampledStream(chat, shared);
        stream.choice(choice, ours);
        if (asked.wantsUsage() && usage != null) {
            ObjectNode last = shared.deepCopy();
            last.putArray("choices");
            last.set("usage", usage);
            stream.event(last);
        }
        return stream.events.appendBytes(LastChunk.DONE);
    }

    private void choice(ObjectNode choice, ObjectNode ours) {
        if (chat) {
            ObjectNode message = choice.withObject("/message").deepCopy();
            ObjectNode role = shared.objectNode();
            role.set("role", message.remove("role"));
            part(role.put("content", ""), null);
            part(message, null);
        } else {
            part(null, choice.path("text").asText(""));
        }
        ObjectNode end = choice.deepCopy();
        end.remove("message");
        end.put("index", 0);
        if (chat) {
            end.putObject("delta");
        } else {
            end.put("text", "");
        }
        ObjectNode last = shared.deepCopy();
        last.putArray("choices").add(end);
        last.set(EndNotice.MEMBER, ours);
        event(last);
    }

    private void part(@Nullable ObjectNode delta, @Nullable String text) {
        ObjectNode event = shared.deepCopy();
        ObjectNode choice = event.putArray("choices").addObject().put("index", 0);
        if (delta == null) {
            choice.put("text", text);
        } else {
            choice.set("delta", delta);
        }
        choice.putNull("finish_reason");
        event(event);
    }

    private void event(ObjectNode event) {
        events.appendString("data: ").appendString(event.toString()).appendString("\n\n");
    }
}
