package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
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
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** One request of a client on its way to an upstream and back. Used on the gateway's event loop. */
final class Exchange extends ClientExchange implements Asking, UpstreamCall.Listener {

    private static final int OK = 200;

    private final String path;
    private final @Nullable Endpoint endpoint;

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

    Exchange(Face face, HttpServerRequest request, String client) {
        super(face, request, client);
        path = String.valueOf(request.path());
        endpoint = Endpoint.at(path).orElse(null);
    }

    @Override
    void understand(byte[] read) {
        body = read;
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
        route = face().config().route(model == null ? "" : model).orElse(null);
        if (route == null && model == null) {
            route = face().config().routes().size() == 1
                    ? face().config().routes().get(0)
                    : null;
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
            face().meters().asked(path, endpoint, true);
            Samples.of(this, asked, route).ifPresent(samples -> {
                answer = samples;
                samples.begin();
            });
            return;
        }
        String wrong = asked == null ? null : asked.objectionToWishes().orElse(null);
        if (wrong != null) {
            refuse(ApiError.badRequest(wrong));
            return;
        }
        watched = asked != null && isToBeWatched(asked, route);
        face().meters().asked(path, endpoint, watched);
        ask();
    }

    private boolean isJson() {
        String type = request().getHeader(HttpHeaders.CONTENT_TYPE);
        return type == null || type.startsWith("application/json");
    }

    private boolean isToBeWatched(Asked what, Route by) {
        return face().watch() != null
                && what.wishes().watch()
                && !isOff()
                && what.choices() <= Asked.MAX_CHOICES
                && face().draws(by.watch());
    }

    /** Asks whoever of the route is next. */
    private void ask() {
        Route by = require(route);
        Route.Target next = face().backends().next(by, target).orElse(null);
        if (next == null) {
            refuse(ApiError.nobody(by, face().backends()));
            return;
        }
        target = next;
        UpstreamCall asks = new UpstreamCall(this, next.upstream(), retried, this);
        call = asks;
        byte[] bytes = bytesFor(next);
        awaitFirst("has not answered");
        asks.send(request().method(), pathAndQuery(), id().text(), !watched, bytes);
    }

    @Override
    public void opened() {
        if (watched && require(asked).streams() && require(route).heartbeats()) {
            client().waitWithHeartbeats("the engine has not begun");
        }
    }

    private byte[] bytesFor(Route.Target next) {
        Asked what = asked;
        if (what == null) {
            return json == null ? body : json.naming(next.model());
        }
        boolean asksForMore = watched && !plain && !face().refusals().isRefused(next.upstream(), what);
        additions = asksForMore ? what.additions(next.upstream(), require(route).conclude()) : Additions.NONE;
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
                face().refusals().remember(require(target).upstream(), what);
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
        ReadingOptions reading = ReadingOptions.of(what, by, who, additions);
        if (!ClientResponse.isEventStream(from)) {
            WholeAnswer whole = new WholeAnswer(this, who, reading, choices(what, by, who, reading, null), from);
            answer = whole;
            whole.begin();
            return;
        }
        OnwardDelivery delivery = delivery(what, by, who);
        StreamedAnswer streamed = new StreamedAnswer(
                this,
                who,
                reading,
                additions.mayBeRefused(),
                delivery,
                from,
                by.reroutes() == 0 && by.conclude() != Route.Conclude.TEXT
                        ? null
                        : new Rerouting(this, what, by, require(target), delivery),
                new Concluding(this, what, by, additions),
                steering -> choices(what, by, who, reading, steering));
        answer = streamed;
        streamed.begin();
    }

    private OnwardDelivery delivery(Asked what, Route by, Upstream who) {
        if (additions.stream()) {
            return new CollectedBody(this, what, who, limits().bodyBytes(), by.tellEnds());
        }
        ForwardedEvents events = new ForwardedEvents(this, new LastChunk(what, by.tellEnds()));
        // Of several choices none can move, so that nothing is to be had by waiting.
        return by.hold() == 0 || what.choices() > 1
                ? events
                : new HeldEvents(events, face().meters(), who, by.hold(), limits().bufferBytes());
    }

    private Choices choices(
            Asked what, Route by, Upstream who, ReadingOptions reading, @Nullable AnswerSteering steering) {
        Watch watch = require(face().watch());
        WatchedAnswer told = watch.begin(Announcement.facts(this, what, by, who, reading), steering);
        Announcement.tell(client(), watch, told.counters(), what, reading);
        return new Choices(this, Math.toIntExact(what.choices()), who, told);
    }

    /** Asks the same once more, as the client wrote it. */
    @Override
    public void askPlainly() {
        if (!plain && !isOver()) {
            plain = true;
            answer = null;
            dropUpstream();
            target = null;
            ask();
        }
    }

    /** Gives the client the answer as it is, no faster than it reads. */
    void passThrough(HttpClientResponse from) {
        if (client().headWritten()) {
            errorAsEvent(from);
            return;
        }
        client().pass(from, this::activity);
        from.exceptionHandler(failure -> brokenOff());
        from.endHandler(end -> complete());
    }

    /** The client has its status and nothing else: what the upstream answers instead of a stream becomes an event. */
    private void errorAsEvent(HttpClientResponse from) {
        client().stopHeartbeats();
        from.body().onComplete(read -> {
            if (!isOver()) {
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

    @Override
    void isWhole() {
        release();
    }

    /** The upstream broke off in the middle: so does this side, since a proper end would be a lie. */
    void brokenOff() {
        if (!isOver()) {
            release();
            finish("broken_off");
            client().cut();
        }
    }

    @Override
    void leaves() {
        Answer running = answer;
        if (running != null) {
            running.clientLeft();
        }
    }

    @Override
    String window() {
        UpstreamCall running = call;
        if (answer == null && (running == null || !running.isOpen())) {
            return "queued";
        }
        if (asked != null && !asked.streams()) {
            return "not_streamed";
        }
        return client().bytes() == 0 ? "before_first_byte" : "streaming";
    }

    @Override
    void drop() {
        dropUpstream();
    }

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

    @Override
    void ends() {
        Answer running = answer;
        if (running != null) {
            running.ended();
        }
    }

    String pathAndQuery() {
        String query = request().query();
        return query == null ? path : path + '?' + query;
    }

    /** Who answers, as far as that is told of it. */
    void answeredBy(Route.Target by) {
        target = by;
    }

    /** What whoever answers calls the model; null if it is not named. */
    @Nullable
    String modelAsked() {
        String named = target == null ? null : target.model();
        return named != null ? named : model();
    }

    /** The client's own name for the request; null if it gave none. */
    @Nullable
    String clientsName() {
        Asked what = asked;
        String named = what == null ? null : what.wishes().request();
        return named != null ? named : id().clients();
    }

    /** What its group is known by; null if it is in none. Groups of different clients have nothing in common. */
    @Nullable
    String group() {
        Asked what = asked;
        String named = what == null ? null : what.wishes().group();
        return named == null ? null : asker() + ' ' + named;
    }

    @Override
    @Nullable
    String model() {
        return json == null ? null : json.model();
    }

    @Override
    void describeSource(ObjectNode line) {
        line.put("upstream", target == null ? null : target.upstream().name());
    }

    @Override
    boolean isWatched() {
        return watched;
    }

    @Override
    void giveUp(String what) {
        if (!isOver()) {
            loseAnswer(ApiError.tooSlow("upstream " + require(target).upstream().name() + " " + what));
        }
    }

    private static <T> T require(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("asked for before it was known");
        }
        return part;
    }
}
