package io.edistream.gateway.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.reading.UpstreamError;
import io.edistream.gateway.request.Asked;
import io.edistream.gateway.watch.Ended;
import io.vertx.core.http.HttpClientResponse;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An answer in one piece for a client that asked for one, put together from a stream, so that it can be ended while it runs. */
final class CollectedBody implements OnwardDelivery {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Exchange exchange;
    private final Asked asked;
    private final Upstream upstream;
    private final int limit;
    private final boolean tells;
    private final AnswerTree tree;
    private final ArrayNode ends = MAPPER.createArrayNode();
    private @Nullable HttpClientResponse from;
    private int errorStatus;

    /**
     * @param upstream whose answer it is
     * @param limit bytes of events that it may be made of
     * @param tells whether it says who ended a choice
     */
    CollectedBody(Exchange exchange, Asked asked, Upstream upstream, int limit, boolean tells) {
        this.exchange = exchange;
        this.asked = asked;
        this.upstream = upstream;
        this.limit = limit;
        this.tells = tells;
        tree = new AnswerTree(asked.endpoint(), upstream.kind());
    }

    @Override
    public void begin(HttpClientResponse head) {
        from = head;
    }

    @Override
    public void event(byte[] event, Set<Integer> hidden) {
        tree.take(event, hidden);
        if (tree.bytes() > limit) {
            exchange.refuse(ApiError.answerTooLarge(upstream, limit));
        }
    }

    @Override
    public ObjectNode shared() {
        return tree.shared();
    }

    @Override
    public boolean isWithClient() {
        return false;
    }

    @Override
    public boolean beginsAnew() {
        tree.clear();
        return true;
    }

    @Override
    public void failed(UpstreamError why) {
        errorStatus = why.code() >= 400 && why.code() < 600 ? why.code() : 502;
    }

    @Override
    public void ended(int choice, Ended how, boolean last) {
        tree.choice(choice).put("finish_reason", EndNotice.finish(asked));
        if (tells) {
            EndNotice.write(ends.addObject(), choice, how);
        }
    }

    @Override
    public void flush() {
        // All of it goes at once.
    }

    @Override
    public void complete() {
        JsonNode failure = tree.error();
        HttpClientResponse head = from;
        if (failure != null) {
            exchange.answer(errorStatus, failure.toString().getBytes(UTF_8));
        } else if (head != null) {
            ObjectNode body = tree.whole();
            EndNotice.list(body, "ended", ends);
            EndNotice.list(body, "rerouted", tree.notices("reroute"));
            EndNotice.list(body, "concluded", tree.notices("conclude"));
            EndNotice.list(body, "usage", tree.usage());
            exchange.answer(200, body.toString().getBytes(UTF_8));
        }
    }

    @Override
    public void brokenOff() {
        exchange.refuse(ApiError.brokenOff(upstream));
    }
}
