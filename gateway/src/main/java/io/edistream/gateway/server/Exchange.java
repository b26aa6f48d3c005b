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
import io.edistream.gateway.watch.AnswerSteering;
import io.edistream.gateway.watch.Watch;
import io.edistream.gateway.watch.WatchedAnswer;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
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
final class Exchange implements Asking, UpstreamCall.Listener, RunningRequest {

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
    private @Nullable UpstreamCall call;
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
        if (asked != null && asked.hasStrategy()) {
            watched = true;
            face.meters().asked(path, endpoint, true);
            Samples.of(this, asked, route).ifPresent(samples -> {
                answer = samples;
                samples.begin();
            });
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
                && !isOff()
                && what.choices() <= Asked.MAX_CHOICES
                && face.draws(by.watch());
    }

    /** Whether its client does not want it to be watched. */
    boolean isOff() {
        return "off".equalsIgnoreCase(request.getHeader("X-Edistream-Watch"));
    }

    /** Asks whoever of the route is next. */
    private void ask() {
        Route by = require(route);
        Route.Target next = face.backends().next(by, target).orElse(null);
        if (next == null) {
            refuse(ApiError.nobody(by, face.backends()));
            return;
        }
        target = next;
        UpstreamCall asks = new UpstreamCall(this, next.upstream(), this);
        call = asks;
        byte[] bytes = bytesFor(next);
        Duration firstByte = limits().firstByte();
        deadline.begin(firstByte, () -> giveUp("has not answered within " + firstByte.toSeconds() + " s"));
        asks.send(request.method(), pathAndQuery(), requestId.text(), !watched, bytes);
    }

    @Override
    public void opened() {
        if (watched && require(asked).streams() && require(route).heartbeats()) {
            response.waitWithHeartbeats("the engine has not begun");
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

    /** Once more only if it cannot have begun: nothing came back. */
    @Override
    public void failed(boolean sent) {
        call = null;
        if (!retried) {
            retried = true;
            ask();
            return;
        }
        refuse(ApiError.unanswered(require(target).upstream(), sent));
    }

    @Override
    public void answered(HttpClientResponse from) {
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
        } else if (additions.mayBeRefused() && Refusals.isOne(from.statusCode())) {
            Refusals.readThrough(from, this::askPlainly);
        } else {
            passThrough(from);
        }
    }

    private void watch(Asked what, HttpClientResponse from) {
        Route by = require(route);
        Upstream who = require(target).upstream();
        ReadingOptions reading = reading(what, by, who, additions);
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
                by.reroutes() == 0 ? null : new Rerouting(this, what, by, additions.stream()),
                steering -> choices(what, by, who, reading, steering));
        answer = streamed;
        streamed.begin();
    }

    /** How an upstream's answer is read. */
    ReadingOptions reading(Asked what, Route by, Upstream who, Additions added) {
        return new ReadingOptions(
                who.kind(),
                what.endpoint(),
                added,
                added.logprobs() ? added.alternatives() : what.wantedAlternatives(),
                who.vocabulary(),
                by.thinking());
    }

    private Choices choices(
            Asked what, Route by, Upstream who, ReadingOptions reading, @Nullable AnswerSteering steering) {
        Watch watch = require(face.watch());
        WatchedAnswer told = watch.begin(Announcement.facts(this, what, by, who, reading), steering);
        Announcement.tell(response, watch, told.counters(), what, reading);
        return new Choices(this, Math.toIntExact(what.choices()), who, told);
    }

    /** Asks the same once more, as the client wrote it. */
    @Override
    public void askPlainly() {
        if (!plain && !over) {
            plain = true;
            answer = null;
            dropUpstream();
            target = null;
            ask();
        }
    }

    /** Gives the client the answer as it is, no faster than it reads. */
    void passThrough(HttpClientResponse from) {
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

    /** The rest of an answer is lost, and its client hears of it. */
    void loseAnswer(ApiError error) {
        Answer running = answer;
        if (running != null) {
            running.upstreamFailed();
        }
        refuse(error);
    }

    /** Another upstream goes on with the answer. */
    void isServedBy(Route.Target other, UpstreamCall by) {
        target = other;
        call = by;
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
    @Override
    public void tellUsage(int prompt, int completion) {
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
        UpstreamCall running = call;
        if (answer == null && (running == null || !running.isOpen())) {
            return "queued";
        }
        if (asked != null && !asked.streams()) {
            return "not_streamed";
        }
        return response.bytes() == 0 ? "before_first_byte" : "streaming";
    }

    /** The upstream is told that nobody listens any more. */
    @Override
    public void dropUpstream() {
        UpstreamCall running = call;
        call = null;
        if (running != null) {
            running.drop();
        }
    }

    /** The upstream has one request less. */
    private void release() {
        UpstreamCall had = call;
        call = null;
        if (had != null) {
            had.release();
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
        if (answer != null) {
            answer.ended();
        }
        face.admission().frees(requestId.text());
        face.admission().end(client);
        face.ended(this);
    }

    @Override
    public boolean isOver() {
        return over;
    }

    ClientResponse client() {
        return response;
    }

    @Override
    public Face face() {
        return face;
    }

    private Limits limits() {
        return face.config().limits();
    }

    /** Who asks. */
    String asker() {
        return client;
    }

    String requestId() {
        return requestId.text();
    }

    MultiMap headers() {
        return request.headers();
    }

    String pathAndQuery() {
        String query = request.query();
        return query == null ? path : path + '?' + query;
    }

    /** Who answers, as far as that is told of it. */
    void answeredBy(Route.Target by) {
        target = by;
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

    @Override
    public long begunNanos() {
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
    @Override
    public void activity() {
        Duration idle = limits().idle();
        deadline.activity(idle, () -> giveUp("was silent for " + idle.toSeconds() + " s"));
    }

    /** The upstream takes too long. */
    private void giveUp(String what) {
        if (over) {
            return;
        }
        loseAnswer(ApiError.tooSlow("upstream " + require(target).upstream().name() + " " + what));
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
