package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.config.Limits;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One request of a client, whoever answers it. Used on the gateway's event loop.
 *
 * <p>The client may leave at any time: its handler is there before anything is done for it.
 */
abstract class ClientExchange {

    private final Face face;
    private final HttpServerRequest request;
    private final ClientResponse response;
    private final Deadline deadline;
    private final String client;
    private final RequestId id;
    private final long begun = System.nanoTime();

    /** What has come of the body; empty once that is handed on, which is kept once. */
    private Buffer read = Buffer.buffer();

    private boolean over;
    private String outcome = "";
    private int promptTokens;
    private int completionTokens;

    ClientExchange(Face face, HttpServerRequest request, String client) {
        this.face = face;
        this.request = request;
        this.client = client;
        id = RequestId.take(face, request);
        response = new ClientResponse(face.vertx(), limits(), request, id.text());
        deadline = new Deadline(face.vertx());
    }

    /** Reads the body and goes on from there. */
    final void begin() {
        request.response().closeHandler(gone -> clientLeft());
        request.response().exceptionHandler(failure -> {});
        request.exceptionHandler(failure -> clientLeft());
        int limit = limits().bodyBytes();
        request.handler(bytes -> {
            if (over) {
                return;
            }
            if (read.length() + bytes.length() > limit) {
                refuse(ApiError.tooLarge(limit));
                // What is still on its way is not read.
                response.cut();
                return;
            }
            read.appendBuffer(bytes);
        });
        request.endHandler(end -> {
            if (!over) {
                byte[] body = read.getBytes();
                read = Buffer.buffer(0);
                understand(body);
            }
        });
    }

    /** The body is there. */
    abstract void understand(byte[] body);

    /** Its client leaves, or is sent away: whatever runs is told. */
    abstract void leaves();

    /** When its client leaves if it does so now, as a metric calls it. */
    abstract String window();

    /** All of the answer came: what brought it is free. */
    abstract void isWhole();

    /** It is over, however. */
    abstract void ends();

    /** Nobody waits any more for what brings the answer. */
    abstract void drop();

    /** Whoever answers has taken too long. */
    abstract void giveUp(String what);

    /** The model that was asked for; null if none was. */
    abstract @Nullable String model();

    /** Says who answers. */
    abstract void describeSource(ObjectNode line);

    abstract boolean isWatched();

    /** Whether its client does not want it to be watched. */
    final boolean isOff() {
        return "off".equalsIgnoreCase(request.getHeader("X-Edistream-Watch"));
    }

    /** Something must come soon; otherwise whoever was to bring it is given up. */
    final void awaitFirst(String otherwise) {
        Duration firstByte = limits().firstByte();
        deadline.begin(firstByte, () -> giveUp(otherwise + " within " + firstByte.toSeconds() + " s"));
    }

    /** Something came from whoever answers. */
    public final void activity() {
        Duration idle = limits().idle();
        deadline.activity(idle, () -> giveUp("was silent for " + idle.toSeconds() + " s"));
    }

    /** Gives the client a part of its answer; whoever reads so slowly that too much waits is sent away. */
    void write(Buffer bytes) {
        if (!over && !response.write(bytes)) {
            clientLeft();
            response.cut();
        }
    }

    /** Gives the client an answer of our own making as a whole. */
    final void answer(int status, byte[] whole) {
        if (!over) {
            response.body(status, whole);
            complete();
        }
    }

    /** The client has all of its answer. */
    final void complete() {
        if (!over) {
            isWhole();
            finish("complete");
            response.end();
        }
    }

    /** An error of our own, as a status or, where the answer has begun, as an event. */
    final void refuse(ApiError error) {
        if (over) {
            return;
        }
        if (!response.headWritten()) {
            face.meters().refused(error.status());
            response.willBe(error.status());
        }
        // First: what follows may report failures of what is dropped.
        finish("refused");
        drop();
        response.error(error);
    }

    final void clientLeft() {
        if (over) {
            return;
        }
        leaves();
        face.meters().clientLeft(window());
        finish("client_left");
        drop();
    }

    /** The gateway ends before this has: clients hear of it. */
    final void shutDown() {
        leaves();
        refuse(ApiError.unavailable("the gateway is being stopped"));
    }

    /**
     * Nothing of this is left but what is being written.
     *
     * @param how what the access log says of it
     */
    final void finish(String how) {
        over = true;
        outcome = how;
        deadline.stop();
        response.stopHeartbeats();
        ends();
        face.admission().frees(id.text());
        face.admission().end(client);
        face.ended(this);
    }

    /** What was counted, by whoever answers. */
    public final void tellUsage(int prompt, int completion) {
        promptTokens = Math.max(0, prompt);
        completionTokens = Math.max(0, completion);
        face.meters().clientTokens(face.admission().label(client), promptTokens, completionTokens);
    }

    public final boolean isOver() {
        return over;
    }

    public final Face face() {
        return face;
    }

    public final long begunNanos() {
        return begun;
    }

    final Limits limits() {
        return face.config().limits();
    }

    final HttpServerRequest request() {
        return request;
    }

    final ClientResponse client() {
        return response;
    }

    /** Who asks. */
    final String asker() {
        return client;
    }

    final RequestId id() {
        return id;
    }

    final @Nullable String traceContext() {
        return Headers.traceContext(request.headers());
    }

    /** What there is to say of it, without a word of what was asked or answered. */
    final void describe(ObjectNode line) {
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        line.put("at", Instant.now().minus(took).toString())
                .put("request", id.text())
                .put("client", client)
                .put("method", request.method().name())
                .put("path", String.valueOf(request.path()))
                .put("model", model());
        describeSource(line);
        line.put("status", response.status())
                .put("outcome", outcome)
                .put("watched", isWatched())
                .put("seconds", took.toMillis() / 1e3)
                .put("bytes", response.bytes())
                .put("prompt_tokens", promptTokens)
                .put("completion_tokens", completionTokens)
                .put("trace", traceContext());
    }
}
