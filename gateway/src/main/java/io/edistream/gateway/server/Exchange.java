package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.config.Limits;
import io.edistream.gateway.config.Route;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.json.JsonBody;
import io.edistream.gateway.reading.ReadingOptions;
import io.edistream.gateway.request.Additions;
import io.edistream.gateway.request.Asked;
import io.edistream.gateway.request.Endpoint;
import io.edistream.gateway.upstream.Backend;
import io.edistream.gateway.watch.ChoiceEnder;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One request of a client on its way to an upstream and back. Used on the gateway's event loop.
 *
 * <p>The client may leave at any time: its handler is there before anything is sent.
 */
final class Exchange implements RunningRequest {

    /** Of an answer that only says that a request was refused. */
    private static final int MAX_REFUSAL_BYTES = 64 * 1024;

    private static final int OK = 200;

    private final Face face;
    private final HttpServerRequest request;
    private final ClientResponse response;
    private final Deadline deadline;
    private final String path;
    private final @Nullable Endpoint endpoint;
    private final String client;
    private final RequestId requestId;
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
    private String outcome = "";
    private int promptTokens;
    private int completionTokens;

    Exchange(Face face, HttpServerRequest request, String client) {
        this.face = face;
        this.request = request;
        this.client = client;
        path = String.valueOf(request.path());
        endpoint = Endpoint.at(path).orElse(null);
        requestId = RequestId.take(face, request);
        response = new ClientResponse(face.vertx(), limits(), request, requestId.text());
        deadline = new Deadline(face.vertx());
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
                    // What is still on its way is not read.
                    response.cut();
                },
                read -> {
                    body = read;
                    understand();
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
        Route by = require(route);
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
        Duration firstByte = limits().firstByte();
        deadline.begin(firstByte, () -> giveUp("has not answered within " + firstByte.toSeconds() + " s"));
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
        if (watched && require(asked).streams() && require(route).heartbeats()) {
            response.waitWithHeartbeats();
        }
        Headers.up(request.headers(), to.headers(), !watched);
        to.putHeader(Headers.REQUEST_ID, requestId.text());
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
                require(backend).answered();
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
        require(backend).failed(cause);
        upstream = null;
        release();
        if (!retried) {
            retried = true;
            ask();
            return;
        }
        refuse(ApiError.unreachable("upstream " + require(target).upstream().name()
                + (sent ? " broke off before it answered" : " cannot be reached")));
    }

    private void answered(HttpClientResponse from) {
        if (!watched) {
            passThrough(from);
            return;
        }
        Asked what = require(asked);
        if (from.statusCode() == OK) {
            if (plain) {
                face.refusals().remember(require(target).upstream(), what);
            }
            watch(what, from);
        } else if (additions.mayBeRefused() && isRefusal(from.statusCode())) {
            askPlainlyAfterBody(from);
        } else {
            passThrough(from);
        }
    }

    private void watch(Asked what, HttpClientResponse from) {
        Route by = require(route);
        Upstream who = require(target).upstream();
        ReadingOptions reading = new ReadingOptions(
                who.kind(),
                what.endpoint(),
                additions,
                additions.logprobs() ? additions.alternatives() : what.wantedAlternatives(),
                who.vocabulary(),
                by.thinking());
        if (!ClientResponse.isEventStream(from)) {
            WholeAnswer whole = new WholeAnswer(this, who, reading, choices(what, by, who, reading, null), from);
            answer = whole;
            whole.begin();
            return;
        }
        Delivery delivery = additions.stream()
                ? new CollectedBody(this, what, who, limits().bodyBytes(), by.tellEnds())
                : new ForwardedEvents(this, new LastChunk(what, by.tellEnds()));
        StreamedAnswer streamed = new StreamedAnswer(
                this,
                who,
                reading,
                additions.mayBeRefused(),
                delivery,
                from,
                ender -> choices(what, by, who, reading, ender));
        answer = streamed;
        streamed.begin();
    }

    private Choices choices(Asked what, Route by, Upstream who, ReadingOptions reading, @Nullable ChoiceEnder ender) {
        return new Choices(this, what, by, who, reading, ender);
    }

    /** Engines disagree about the status; of these none is about who asks, or how often. */
    private static boolean isRefusal(int status) {
        return status == 400 || status == 403 || status == 405 || status == 415 || status == 422 || status == 501;
    }

    private void askPlainlyAfterBody(HttpClientResponse from) {
        int[] bytes = new int[1];
        from.handler(part -> {
            bytes[0] += part.length();
            if (bytes[0] > MAX_REFUSAL_BYTES) {
                askPlainly();
            }
        });
        from.exceptionHandler(failure -> askPlainly());
        from.endHandler(end -> askPlainly());
    }

    /** Asks the same once more, as the client wrote it. */
    void askPlainly() {
        if (!plain && !over) {
            plain = true;
            answer = null;
            dropUpstream();
            target = null;
            ask();
        }
    }

    /** Gives the client the answer as it is, no faster than it reads. */
    private void passThrough(HttpClientResponse from) {
        if (response.headWritten()) {
            errorAsEvent(from);
            return;
        }
        response.pass(from, this::activity);
        from.exceptionHandler(failure -> brokenOff());
        from.endHandler(end -> complete());
    }

    /** The client has its status and nothing else: what the upstream answers instead of a stream becomes an event. */
    private void errorAsEvent(HttpClientResponse from) {
        response.stopHeartbeats();
        from.body().onComplete(read -> {
            if (!over) {
                String error = read.succeeded() ? read.result().toString().strip() : "";
                write(
                        error.startsWith("{") && error.indexOf('\n') < 0
                                ? Buffer.buffer("data: " + error + "\n\n")
                                : ApiError.unreachable("upstream "
                                                + require(target).upstream().name() + " answered with status "
                                                + from.statusCode())
                                        .event());
                complete();
            }
        });
    }

    /** Gives the client a part of its answer; whoever reads so slowly that too much waits is sent away. */
    void write(Buffer bytes) {
        if (!over && !response.write(bytes)) {
            clientLeft();
            response.cut();
        }
    }

    /** Gives the client an answer of our own making as a whole. */
    void answer(int status, byte[] whole) {
        if (!over) {
            response.body(status, whole);
            complete();
        }
    }

    /** The client has all of its answer. */
    void complete() {
        if (!over) {
            release();
            finish("complete");
            response.end();
        }
    }

    /** What the upstream counted. */
    void tellUsage(int prompt, int completion) {
        promptTokens = Math.max(0, prompt);
        completionTokens = Math.max(0, completion);
        face.meters().clientTokens(face.admission().label(client), promptTokens, completionTokens);
    }

    /** The upstream broke off in the middle: so does this side, since a proper end would be a lie. */
    void brokenOff() {
        if (!over) {
            release();
            finish("broken_off");
            response.cut();
        }
    }

    /** An error of our own, as a status or, where the answer has begun, as an event. */
    void refuse(ApiError error) {
        if (over) {
            return;
        }
        if (!response.headWritten()) {
            face.meters().refused(error.status());
            response.willBe(error.status());
        }
        // First: what follows may report failures of what is dropped.
        finish("refused");
        dropUpstream();
        response.error(error);
    }

    private void clientLeft() {
        if (over) {
            return;
        }
        Answer running = answer;
        if (running != null) {
            running.clientLeft();
        }
        face.meters().clientLeft(window());
        finish("client_left");
        dropUpstream();
    }

    private String window() {
        if (upstream == null) {
            return "queued";
        }
        if (asked != null && !asked.streams()) {
            return "not_streamed";
        }
        return response.bytes() == 0 ? "before_first_byte" : "streaming";
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
    private void release() {
        Backend had = backend;
        backend = null;
        if (had != null) {
            had.ends();
        }
    }

    /**
     * Nothing of this is left but what is being written.
     *
     * @param how what the access log says of it
     */
    private void finish(String how) {
        over = true;
        outcome = how;
        deadline.stop();
        response.stopHeartbeats();
        face.admission().frees(requestId.text());
        face.admission().end(client);
        face.ended(this);
    }

    boolean isOver() {
        return over;
    }

    ClientResponse client() {
        return response;
    }

    Face face() {
        return face;
    }

    private Limits limits() {
        return face.config().limits();
    }

    /** The client's own name for the request; null if it gave none. */
    @Nullable
    String clientsName() {
        Asked what = asked;
        String named = what == null ? null : what.wishes().request();
        return named != null ? named : requestId.clients();
    }

    /** What its group is known by; null if it is in none. Groups of different clients have nothing in common. */
    @Nullable
    String group() {
        Asked what = asked;
        String named = what == null ? null : what.wishes().group();
        return named == null ? null : client + ' ' + named;
    }

    @Nullable
    String traceContext() {
        return Headers.traceContext(request.headers());
    }

    long begunNanos() {
        return begun;
    }

    @Override
    public void describe(ObjectNode line) {
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        line.put("at", Instant.now().minus(took).toString())
                .put("request", requestId.text())
                .put("client", client)
                .put("method", request.method().name())
                .put("path", path)
                .put("model", json == null ? null : json.model())
                .put("upstream", target == null ? null : target.upstream().name())
                .put("status", response.status())
                .put("outcome", outcome)
                .put("watched", watched)
                .put("seconds", took.toMillis() / 1e3)
                .put("bytes", response.bytes())
                .put("prompt_tokens", promptTokens)
                .put("completion_tokens", completionTokens)
                .put("trace", traceContext());
    }

    /** Something came from the upstream. */
    void activity() {
        Duration idle = limits().idle();
        deadline.activity(idle, () -> giveUp("was silent for " + idle.toSeconds() + " s"));
    }

    /** The upstream takes too long. */
    private void giveUp(String what) {
        if (over) {
            return;
        }
        Answer running = answer;
        if (running != null) {
            running.upstreamFailed();
        }
        refuse(ApiError.tooSlow("upstream " + require(target).upstream().name() + " " + what));
    }

    @Override
    public void shutDown() {
        Answer running = answer;
        if (running != null) {
            running.clientLeft();
        }
        refuse(ApiError.unavailable("the gateway is being stopped"));
    }

    private static <T> T require(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("asked for before it was known");
        }
        return part;
    }
}
