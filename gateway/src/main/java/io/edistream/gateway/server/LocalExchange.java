package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.config.Limits;
import io.edistream.gateway.engine.EngineModel;
import io.edistream.gateway.engine.TokenEngine;
import io.edistream.gateway.request.Endpoint;
import io.edistream.gateway.request.LocalAsked;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.PromptGroup;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request of a client that an engine in this process answers. Used on the gateway's event loop.
 *
 * <p>The client may leave at any time: whatever is generated for it is cancelled then.
 */
final class LocalExchange implements RunningRequest {

    private static final Logger LOG = LoggerFactory.getLogger(LocalExchange.class);

    private final Face face;
    private final TokenEngine engine;
    private final Endpoint endpoint;
    private final HttpServerRequest request;
    private final ClientResponse response;
    private final Deadline deadline;
    private final String client;
    private final RequestId requestId;
    private final long begun = System.nanoTime();
    private final Feed<Heard> feed;

    private @Nullable LocalAsked asked;
    private @Nullable LocalAnswer answer;
    private List<GenerationHandle> handed = List.of();
    private final List<Heard> early = new ArrayList<>();
    private boolean firstToken = true;
    private boolean over;
    private String outcome = "";
    private int promptTokens;
    private int completionTokens;

    LocalExchange(Face face, TokenEngine engine, Endpoint endpoint, HttpServerRequest request, String client) {
        this.face = face;
        this.engine = engine;
        this.endpoint = endpoint;
        this.request = request;
        this.client = client;
        requestId = RequestId.take(face, request);
        response = new ClientResponse(face.vertx(), limits(), request, requestId.text());
        deadline = new Deadline(face.vertx());
        feed = new Feed<>(Vertx.currentContext(), this::take);
    }

    /** Reads the body and goes on from there. */
    void begin() {
        request.response().closeHandler(gone -> clientLeft());
        request.response().exceptionHandler(failure -> {});
        request.exceptionHandler(failure -> clientLeft());
        int limit = limits().bodyBytes();
        ClientBody.read(
                request,
                limit,
                () -> over,
                () -> {
                    refuse(ApiError.tooLarge(limit));
                    response.cut();
                },
                this::understand);
    }

    private void understand(byte[] body) {
        LocalAsked understood;
        try {
            requireWatched();
            JsonNode tree = LocalBody.tree(body);
            EngineModel model = LocalBody.model(tree, engine.models());
            understood = LocalAsked.of(
                    endpoint,
                    tree,
                    model,
                    new LocalAsked.Origin(
                            requestId.clients(), Headers.traceContext(request.headers()), face::drawsSeed));
        } catch (LocalBody.UnknownModelException e) {
            refuse(ApiError.unknownModel(String.valueOf(e.getMessage())));
            return;
        } catch (IllegalArgumentException e) {
            refuse(ApiError.badRequest(String.valueOf(e.getMessage())));
            return;
        }
        asked = understood;
        face.meters().asked(endpoint.path(), endpoint, true);
        ask(understood);
    }

    private void requireWatched() {
        if ("off".equalsIgnoreCase(request.getHeader("X-Edistream-Watch"))) {
            throw new IllegalArgumentException(
                    "X-Edistream-Watch cannot be off here: this engine measures whatever it generates");
        }
    }

    private void ask(LocalAsked what) {
        Duration firstByte = limits().firstByte();
        deadline.begin(firstByte, () -> giveUp("has not begun within " + firstByte.toSeconds() + " s"));
        // A prompt is turned into tokens there, which takes as long as it is.
        face.vertx()
                .executeBlocking(() -> engine.submit(what.request(), news -> feed.add(new Heard.News(news))), false)
                .onComplete(accepted -> {
                    if (accepted.failed()) {
                        refuse(refusal(accepted.cause()));
                    } else if (over) {
                        cancel(accepted.result());
                    } else {
                        accepted(what, accepted.result());
                    }
                });
    }

    private static ApiError refusal(Throwable cause) {
        if (cause instanceof IllegalArgumentException) {
            return ApiError.badRequest(String.valueOf(cause.getMessage()));
        }
        if (cause instanceof RejectedExecutionException) {
            return ApiError.tooMany(String.valueOf(cause.getMessage()));
        }
        if (cause instanceof IllegalStateException) {
            return ApiError.unavailable("the engine takes no requests any more");
        }
        LOG.error("A request could not be handed to the engine", cause);
        return ApiError.failed("the engine failed before it began");
    }

    private void accepted(LocalAsked what, List<GenerationHandle> handles) {
        handed = handles;
        response.header(
                "X-Edistream-Sequences",
                handles.stream().map(one -> engine.sequenceName(one.counter())).collect(Collectors.joining(",")));
        response.header("X-Edistream-Kind", Headers.kind(what.model().entropyKind()));
        if (what.streams()) {
            response.waitWithHeartbeats("the model has not begun");
        }
        LocalAnswer begins = new LocalAnswer(
                this,
                what,
                engine,
                handles,
                new AnswerShape(what, requestId.text(), Instant.now().getEpochSecond()),
                limits().bodyBytes());
        answer = begins;
        for (GenerationHandle handle : handles) {
            CompletableFuture<Void> unused =
                    handle.completion().thenAccept(last -> feed.add(Heard.End.of(handle, last.reason())));
        }
        List<Heard> came = List.copyOf(early);
        early.clear();
        if (!came.isEmpty()) {
            take(came);
        }
    }

    private void take(List<Heard> heard) {
        LocalAnswer running = answer;
        if (over) {
            return;
        }
        if (running == null) {
            // The engine was faster than the thread that asked it.
            early.addAll(heard);
            return;
        }
        Duration idle = limits().idle();
        deadline.activity(idle, () -> giveUp("was silent for " + idle.toSeconds() + " s"));
        try {
            running.take(heard);
        } catch (RuntimeException e) {
            LOG.error("An answer could not be told", e);
            refuse(ApiError.failed("the answer could not be told"));
        }
    }

    /** There is a first token. */
    void firstToken(String route) {
        if (firstToken) {
            firstToken = false;
            face.meters().firstToken(route, System.nanoTime() - begun);
        }
    }

    /** Gives the client a part of its answer; whoever reads so slowly that too much waits is sent away. */
    void write(Buffer part) {
        if (over) {
            return;
        }
        response.beginStream();
        if (!response.write(part)) {
            clientLeft();
            response.cut();
        }
    }

    /** Gives the client its answer in one piece. */
    void answer(byte[] whole) {
        if (!over) {
            response.body(200, whole);
            complete();
        }
    }

    /** The client has all of its answer. */
    void complete() {
        if (!over) {
            LocalAnswer whole = answer;
            if (whole != null) {
                promptTokens = whole.promptTokens();
                completionTokens = whole.completionTokens();
            }
            face.meters().clientTokens(face.admission().label(client), promptTokens, completionTokens);
            finish("complete");
            response.end();
        }
    }

    /** An error, as a status or, where the answer has begun, as an event. */
    void refuse(ApiError error) {
        if (over) {
            return;
        }
        if (!response.headWritten()) {
            face.meters().refused(error.status());
            response.willBe(error.status());
        }
        finish("refused");
        response.error(error);
    }

    private void giveUp(String what) {
        refuse(ApiError.tooSlow("the engine " + what));
    }

    private void clientLeft() {
        if (!over) {
            face.meters().clientLeft(window());
            finish("client_left");
        }
    }

    private String window() {
        LocalAsked what = asked;
        if (what == null || handed.isEmpty()) {
            return "queued";
        }
        if (!what.streams()) {
            return "not_streamed";
        }
        return response.bytes() == 0 ? "before_first_byte" : "streaming";
    }

    /** Nothing of this is left but what is being written: whatever still runs for it, runs for nobody. */
    private void finish(String how) {
        over = true;
        outcome = how;
        deadline.stop();
        response.stopHeartbeats();
        cancel(handed);
        face.admission().frees(requestId.text());
        face.admission().end(client);
        face.ended(this);
    }

    /** Ends the choices, and whatever commands have started beside them. */
    private static void cancel(List<GenerationHandle> handles) {
        if (!handles.isEmpty()) {
            PromptGroup group = handles.get(0).group();
            if (group.unfinished() > 0) {
                group.cancel();
            }
        }
    }

    private Limits limits() {
        return face.config().limits();
    }

    @Override
    public void describe(ObjectNode line) {
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        LocalAsked what = asked;
        line.put("at", Instant.now().minus(took).toString())
                .put("request", requestId.text())
                .put("client", client)
                .put("method", request.method().name())
                .put("path", endpoint.path())
                .put("model", what == null ? null : what.model().name())
                .put("route", what == null ? null : what.model().route())
                .put("status", response.status())
                .put("outcome", outcome)
                .put("watched", true)
                .put("seconds", took.toMillis() / 1e3)
                .put("bytes", response.bytes())
                .put("prompt_tokens", promptTokens)
                .put("completion_tokens", completionTokens)
                .put("trace", Headers.traceContext(request.headers()));
    }

    @Override
    public void shutDown() {
        refuse(ApiError.unavailable("the gateway is being stopped"));
    }
}
