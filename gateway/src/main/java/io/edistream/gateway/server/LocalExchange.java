package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.engine.EngineModel;
import io.edistream.gateway.engine.TokenEngine;
import io.edistream.gateway.request.Endpoint;
import io.edistream.gateway.request.LocalAsked;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.PromptGroup;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
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
 * One request of a client that an engine in this process answers; whatever is generated for one that leaves is cancelled. Used on the
 * gateway's event loop.
 */
final class LocalExchange extends ClientExchange {

    private static final Logger LOG = LoggerFactory.getLogger(LocalExchange.class);

    private final TokenEngine engine;
    private final Endpoint endpoint;
    private final Feed<Heard> feed;

    private @Nullable LocalAsked asked;
    private @Nullable LocalAnswer answer;
    private List<GenerationHandle> handed = List.of();
    private final List<Heard> early = new ArrayList<>();
    private boolean firstToken = true;

    LocalExchange(Face face, TokenEngine engine, Endpoint endpoint, HttpServerRequest request, String client) {
        super(face, request, client);
        this.engine = engine;
        this.endpoint = endpoint;
        feed = new Feed<>(Vertx.currentContext(), this::take);
    }

    @Override
    void understand(byte[] body) {
        LocalAsked understood;
        try {
            requireWatched();
            JsonNode tree = LocalBody.tree(body);
            EngineModel model = LocalBody.model(tree, engine.models());
            understood = LocalAsked.of(
                    endpoint, tree, model, new LocalAsked.Origin(id().clients(), traceContext(), face()::drawsSeed));
        } catch (LocalBody.UnknownModelException e) {
            refuse(ApiError.unknownModel(String.valueOf(e.getMessage())));
            return;
        } catch (IllegalArgumentException e) {
            refuse(ApiError.badRequest(String.valueOf(e.getMessage())));
            return;
        }
        asked = understood;
        face().meters().asked(endpoint.path(), endpoint, true);
        ask(understood);
    }

    private void requireWatched() {
        if (isOff()) {
            throw new IllegalArgumentException(
                    "X-Edistream-Watch cannot be off here: this engine measures whatever it generates");
        }
    }

    private void ask(LocalAsked what) {
        awaitFirst("has not begun");
        // A prompt is turned into tokens there, which takes as long as it is.
        face().vertx()
                .executeBlocking(() -> engine.submit(what.request(), news -> feed.add(new Heard.News(news))), false)
                .onComplete(accepted -> {
                    if (accepted.failed()) {
                        refuse(refusal(accepted.cause()));
                    } else if (isOver()) {
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
        client().header(
                        "X-Edistream-Sequences",
                        handles.stream()
                                .map(one -> engine.sequenceName(one.counter()))
                                .collect(Collectors.joining(",")));
        client().header("X-Edistream-Kind", Headers.kind(what.model().entropyKind()));
        if (what.streams()) {
            client().waitWithHeartbeats("the model has not begun");
        }
        LocalAnswer begins = new LocalAnswer(
                this,
                what,
                engine,
                handles,
                new AnswerShape(what, id().text(), Instant.now().getEpochSecond()),
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
        if (isOver()) {
            return;
        }
        if (running == null) {
            // The engine was faster than the thread that asked it.
            early.addAll(heard);
            return;
        }
        activity();
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
            face().meters().firstToken(route, System.nanoTime() - begunNanos());
        }
    }

    @Override
    void write(Buffer part) {
        if (!isOver()) {
            client().beginStream();
        }
        super.write(part);
    }

    @Override
    void isWhole() {
        LocalAnswer whole = answer;
        tellUsage(whole == null ? 0 : whole.promptTokens(), whole == null ? 0 : whole.completionTokens());
    }

    @Override
    void giveUp(String what) {
        refuse(ApiError.tooSlow("the engine " + what));
    }

    @Override
    void leaves() {
        // What is generated for it is cancelled when it ends.
    }

    @Override
    String window() {
        LocalAsked what = asked;
        if (what == null || handed.isEmpty()) {
            return "queued";
        }
        if (!what.streams()) {
            return "not_streamed";
        }
        return client().bytes() == 0 ? "before_first_byte" : "streaming";
    }

    /** Whatever still runs for it, runs for nobody. */
    @Override
    void ends() {
        cancel(handed);
    }

    @Override
    void drop() {
        // Nothing runs any more.
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

    @Override
    @Nullable
    String model() {
        return asked == null ? null : asked.model().name();
    }

    @Override
    void describeSource(ObjectNode line) {
        line.put("route", asked == null ? null : asked.model().route());
    }

    @Override
    boolean isWatched() {
        return true;
    }
}
