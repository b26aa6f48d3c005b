package io.edistream.gateway.server;

import io.edistream.gateway.config.Route;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.json.JsonBody;
import io.edistream.gateway.request.Additions;
import io.edistream.gateway.request.Asked;
import io.edistream.gateway.request.Endpoint;
import io.edistream.gateway.upstream.Backend;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One request of a client on its way to an upstream and back. Used on the gateway's event loop.
 *
 * <p>The client may leave at any time: its handler is there before anything is sent.
 */
final class Exchange {

    private static final long STATUS_WAITS_MILLIS = 1_000;
    private static final long HEARTBEAT_MILLIS = 5_000;
    private static final Buffer HEARTBEAT = Buffer.buffer(": the engine has not begun\n\n");

    private final Face face;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final String path;
    private final @Nullable Endpoint endpoint;
    private final String client;
    private final String requestId;
    private final boolean ownRequestId;
    private final long begun = System.nanoTime();

    private byte[] body = new byte[0];
    private @Nullable JsonBody json;
    private @Nullable Asked asked;
    private @Nullable Route route;
    private Route.@Nullable Target target;
    private @Nullable Backend backend;
    private @Nullable HttpClientRequest upstream;
    private @Nullable Answer answer;
    private Additions additions = Additions.NONE;
    private boolean watched;
    private boolean retried;
    private boolean plain;
    private boolean over;
    private boolean eventStream;
    private long timer = -1;
    private boolean idleIsTimed;
    private long lastActivity;
    private long heartbeat = -1;

    Exchange(Face face, HttpServerRequest request, String client) {
        this.face = face;
        this.request = request;
        this.response = request.response();
        this.client = client;
        path = String.valueOf(request.path());
        endpoint = Endpoint.at(path).orElse(null);
        String given = Headers.requestId(request.headers());
        ownRequestId = given == null || !face.admission().takes(given);
        requestId = ownRequestId ? face.newRequestId() : String.valueOf(given);
        if (ownRequestId) {
            face.admission().takes(requestId);
        }
    }

    /** Reads the body and goes on from there. */
    void begin() {
        response.closeHandler(gone -> clientLeft());
        response.exceptionHandler(failure -> {});
        request.exceptionHandler(failure -> clientLeft());
        int limit = face.config().limits().bodyBytes();
        Buffer read = Buffer.buffer();
        request.handler(bytes -> {
            if (over) {
                return;
            }
            if (read.length() + bytes.length() > limit) {
                refuse(ApiError.tooLarge(limit));
                // What is still on its way is not read.
                request.connection().close();
                return;
            }
            read.appendBuffer(bytes);
        });
        request.endHandler(end -> {
            if (!over) {
                body = read.getBytes();
                understand();
            }
        });
    }

    private void understand() {
        if (endpoint != null || (body.length > 0 && isJson())) {
            try {
                json = JsonBody.of(body);
            } catch (IOException e) {
                // Whoever is behind says better what is wrong with it.
                json = null;
            }
        }
        asked = endpoint == null || json == null ? null : Asked.of(endpoint, json);
        String model = json == null ? null : json.model();
        route = face.config().route(model == null ? "" : model).orElse(null);
        if (route == null && model == null) {
            route = face.config().routes().size() == 1 ? face.config().routes().get(0) : null;
        }
        if (route == null) {
            refuse(ApiError.unknownModel(
                    model == null
                            ? "the request names no model, and there is no upstream for those that name none"
                            : "there is no model " + model + "; GET /v1/models lists what there is"));
            return;
        }
        watched = asked != null && isToBeWatched(asked, route);
        face.meters().asked(path, endpoint, watched);
        ask();
    }

    private boolean isJson() {
        String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
        return type == null || type.startsWith("application/json");
    }

    private boolean isToBeWatched(Asked what, Route by) {
        return face.watch() != null
                && what.wishes().watch()
                && !"off".equalsIgnoreCase(request.getHeader("X-Edistream-Watch"))
                && what.choices() <= Asked.MAX_CHOICES
                && face.draws(by.watch());
    }

    /** Asks whoever of the route is next. */
    private void ask() {
        Route by = requireRoute();
        Route.Target next = face.backends().next(by, target).orElse(null);
        if (next == null) {
            refuse(
                    face.backends().anyUp(by)
                            ? ApiError.tooMany(
                                    "all upstreams of model " + by.name() + " have as many requests as they may")
                            : ApiError.unavailable("no upstream of model " + by.name() + " answers"));
            return;
        }
        target = next;
        Backend asks = face.backends().of(next.upstream());
        backend = asks;
        asks.begins();
        String query = request.query();
        byte[] bytes = bytesFor(next);
        idleIsTimed = false;
        Duration firstByte = face.config().limits().firstByte();
        startTimer(firstByte, () -> giveUp("has not answered within " + firstByte.toSeconds() + " s"));
        asks.request(request.method(), query == null ? path : path + '?' + query)
                .onComplete(opened -> {
                    if (over) {
                        if (opened.succeeded()) {
                            opened.result().exceptionHandler(failure -> {}).reset();
                        }
                        return;
                    }
                    if (opened.failed()) {
                        failed(opened.cause(), false);
                        return;
                    }
                    send(opened.result(), next.upstream(), bytes);
                });
    }

    private void send(HttpClientRequest to, Upstream who, byte[] bytes) {
        upstream = to;
        waitWithHeartbeats();
        Headers.up(request.headers(), to.headers(), !watched);
        to.putHeader(Headers.REQUEST_ID, requestId);
        if (who.key() != null) {
            to.putHeader(HttpHeaders.AUTHORIZATION, who.key().bearer());
        } else if (face.config().clients().isEmpty() && request.getHeader(HttpHeaders.AUTHORIZATION) != null) {
            to.putHeader(HttpHeaders.AUTHORIZATION, request.getHeader(HttpHeaders.AUTHORIZATION));
        }
        to.exceptionHandler(failure -> {});
        to.response().onComplete(answered -> {
            if (over || upstream != to) {
                return;
            }
            if (answered.failed()) {
                failed(answered.cause(), true);
            } else {
                requireBackend().answered();
                face.meters().answered(who, answered.result().statusCode());
                answered(answered.result());
            }
        });
        if (bytes.length == 0) {
            to.end();
        } else {
            to.end(Buffer.buffer(bytes));
        }
    }

    private byte[] bytesFor(Route.Target next) {
        Asked what = asked;
        if (what == null) {
            return json == null ? body : json.naming(next.model());
        }
        boolean asksForMore = watched && !plain && !face.refusals().isRefused(next.upstream(), what);
        additions = asksForMore ? what.additions(next.upstream()) : Additions.NONE;
        return asksForMore ? what.with(additions, next.upstream(), next.model()) : what.plain(next.model());
    }

    /** The upstream broke off before it answered. Once more only if it cannot have begun: nothing came back. */
    private void failed(Throwable cause, boolean sent) {
        requireBackend().failed(cause);
        upstream = null;
        release();
        if (!retried) {
            retried = true;
            ask();
            return;
        }
        refuse(ApiError.unreachable("upstream " + requireTarget().upstream().name()
                + (sent ? " broke off before it answered" : " cannot be reached")));
    }

    private void answered(HttpClientResponse from) {
        Asked what = asked;
        if (watched && what != null) {
            Answer begins =
                    new Answer(this, what, requireRoute(), requireTarget().upstream(), additions, from);
            answer = begins;
            begins.begin();
        } else {
            passThrough(from);
        }
    }

    /** Gives the client the answer as it is, no faster than it reads. */
    void passThrough(HttpClientResponse from) {
        if (response.headWritten()) {
            errorAsEvent(from);
            return;
        }
        startHead(from);
        String length = from.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length == null) {
            response.setChunked(true);
        } else {
            response.putHeader(HttpHeaders.CONTENT_LENGTH, length);
        }
        // A client may wait for the head alone.
        response.writeHead();
        activity();
        from.handler(bytes -> {
            activity();
            response.write(bytes);
            if (response.writeQueueFull()) {
                from.pause();
                response.drainHandler(drained -> from.resume());
            }
        });
        from.exceptionHandler(failure -> brokenOff());
        from.endHandler(end -> {
            release();
            finish();
            response.end();
        });
    }

    /** The client has its status and nothing else: what the upstream answers instead of a stream becomes an event. */
    private void errorAsEvent(HttpClientResponse from) {
        stopHeartbeats();
        from.body().onComplete(read -> {
            if (!over) {
                String json = read.succeeded() ? read.result().toString().strip() : "";
                Buffer event = json.startsWith("{") && json.indexOf('\n') < 0
                        ? Buffer.buffer("data: " + json + "\n\n")
                        : ApiError.unreachable(
                                        "upstream " + requireTarget().upstream().name() + " answered with status "
                                                + from.statusCode())
                                .event();
                response.write(event);
                complete();
            }
        });
    }

    /** Status and headers as the upstream has them. */
    void startHead(HttpClientResponse from) {
        stopHeartbeats();
        if (response.headWritten()) {
            return;
        }
        eventStream = isEventStream(from);
        response.setStatusCode(from.statusCode());
        Headers.down(from.headers(), response.headers());
        response.putHeader(Headers.REQUEST_ID, requestId);
    }

    /** The head of a stream that is read as it passes. */
    void beginStream(HttpClientResponse from) {
        startHead(from);
        if (!response.headWritten()) {
            response.setChunked(true);
        }
        response.setWriteQueueMaxSize(face.config().limits().bufferBytes());
    }

    /** Gives the client a part of its answer; whoever reads so slowly that too much waits is sent away. */
    void write(Buffer bytes) {
        if (!over) {
            response.write(bytes);
            if (response.writeQueueFull() && response.isChunked()) {
                clientLeft();
                request.connection().close();
            }
        }
    }

    /** The client has all of its answer. */
    void complete() {
        if (!over) {
            release();
            finish();
            response.end();
        }
    }

    /** What the upstream counted. */
    void tellUsage(int promptTokens, int completionTokens) {
        face.meters()
                .clientTokens(face.admission().label(client), Math.max(0, promptTokens), Math.max(0, completionTokens));
    }

    /** Whether it was asked once more without log-probabilities. */
    boolean isPlain() {
        return plain;
    }

    /**
     * A client that waits for the first token of a stream gets its status after a while, and then comments, so that nobody on the
     * way takes it for dead.
     */
    private void waitWithHeartbeats() {
        Asked what = asked;
        if (watched && what != null && what.streams() && requireRoute().heartbeats() && heartbeat < 0) {
            heartbeat = face.vertx().setTimer(STATUS_WAITS_MILLIS, due -> {
                eventStream = true;
                response.setStatusCode(200)
                        .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
                        .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache")
                        .putHeader(Headers.REQUEST_ID, requestId)
                        .setChunked(true)
                        .write(HEARTBEAT);
                heartbeat = face.vertx().setPeriodic(HEARTBEAT_MILLIS, again -> response.write(HEARTBEAT));
            });
        }
    }

    private void stopHeartbeats() {
        if (heartbeat >= 0) {
            face.vertx().cancelTimer(heartbeat);
            heartbeat = -1;
        }
    }

    static boolean isEventStream(HttpClientResponse from) {
        String type = from.getHeader(HttpHeaders.CONTENT_TYPE);
        return type != null && type.toLowerCase(Locale.ROOT).startsWith("text/event-stream");
    }

    /** Asks the same once more, as the client wrote it. */
    void askPlainly() {
        plain = true;
        answer = null;
        dropUpstream();
        target = null;
        ask();
    }

    /** The upstream broke off in the middle: so does this side, since a proper end would be a lie. */
    void brokenOff() {
        if (!over) {
            release();
            finish();
            request.connection().close();
        }
    }

    /** An error of our own, as a status or, where the answer has begun, as an event. */
    void refuse(ApiError error) {
        if (over) {
            return;
        }
        // First: what follows may report failures of what is dropped.
        finish();
        dropUpstream();
        if (!response.headWritten()) {
            face.meters().refused(error.status());
            error.send(response);
        } else if (eventStream) {
            response.end(error.event());
        } else {
            request.connection().close();
        }
    }

    private void clientLeft() {
        if (over) {
            return;
        }
        Answer begun = answer;
        if (begun != null) {
            begun.clientLeft();
        }
        face.meters().clientLeft(window());
        finish();
        dropUpstream();
    }

    private String window() {
        Answer begun = answer;
        if (begun == null) {
            return upstream == null ? "queued" : "before_first_byte";
        }
        return begun.isStreamed() ? "streaming" : "not_streamed";
    }

    /** The upstream is told that nobody listens any more. */
    void dropUpstream() {
        HttpClientRequest running = upstream;
        upstream = null;
        if (running != null) {
            running.reset();
        }
        release();
    }

    /** The upstream has one request less. */
    void release() {
        Backend had = backend;
        backend = null;
        if (had != null) {
            had.ends();
        }
    }

    /** Nothing of this is left but what is being written. */
    void finish() {
        if (over) {
            return;
        }
        over = true;
        stopTimer();
        stopHeartbeats();
        face.admission().frees(requestId);
        face.admission().end(client);
        face.ended(this);
    }

    boolean isOver() {
        return over;
    }

    HttpServerResponse response() {
        return response;
    }

    Face face() {
        return face;
    }

    /** The client's own name for the request; null if it gave none. */
    @Nullable
    String clientsName() {
        Asked what = asked;
        String named = what == null ? null : what.wishes().request();
        return named != null ? named : ownRequestId ? null : requestId;
    }

    @Nullable
    String traceContext() {
        return Headers.traceContext(request.headers());
    }

    long begunNanos() {
        return begun;
    }

    /** Something came from the upstream. Often: the timer that runs looks by itself whether it is still due. */
    void activity() {
        lastActivity = System.nanoTime();
        if (!idleIsTimed) {
            idleIsTimed = true;
            timeIdle(face.config().limits().idle());
        }
    }

    private void timeIdle(Duration left) {
        startTimer(left, () -> {
            Duration idle = face.config().limits().idle();
            Duration rest = idle.minusNanos(System.nanoTime() - lastActivity);
            if (rest.compareTo(Duration.ZERO) > 0) {
                timeIdle(rest);
            } else {
                giveUp("was silent for " + idle.toSeconds() + " s");
            }
        });
    }

    /** The upstream takes too long. */
    private void giveUp(String what) {
        Answer begun = answer;
        if (begun != null) {
            begun.upstreamFailed();
        }
        refuse(ApiError.tooSlow("upstream " + requireTarget().upstream().name() + " " + what));
    }

    private void startTimer(Duration time, Runnable action) {
        stopTimer();
        timer = face.vertx().setTimer(Math.max(1, time.toMillis()), fired -> {
            timer = -1;
            if (!over) {
                action.run();
            }
        });
    }

    private void stopTimer() {
        if (timer >= 0) {
            face.vertx().cancelTimer(timer);
            timer = -1;
        }
    }

    /** The gateway ends before this has: clients hear of it. */
    void shutDown() {
        Answer begun = answer;
        if (begun != null) {
            begun.clientLeft();
        }
        refuse(ApiError.unavailable("the gateway is being stopped"));
    }

    private Route requireRoute() {
        return require(route);
    }

    private Route.Target requireTarget() {
        return require(target);
    }

    private Backend requireBackend() {
        return require(backend);
    }

    private static <T> T require(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("asked for before the upstream was chosen");
        }
        return part;
    }
}
