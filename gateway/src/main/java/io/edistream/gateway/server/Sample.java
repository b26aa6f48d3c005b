package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.config.Limits;
import io.edistream.gateway.config.Route;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.reading.ChoicePassage;
import io.edistream.gateway.reading.ReadingOptions;
import io.edistream.gateway.reading.UpstreamError;
import io.edistream.gateway.request.Additions;
import io.edistream.gateway.request.Asked;
import io.edistream.gateway.samples.SampleSignal;
import io.edistream.gateway.watch.Ended;
import io.edistream.gateway.watch.WatchedAnswer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One of several samples of a prompt: a request of its own, whose answer is a stream that is watched and kept until the samples are
 * compared. Used on the gateway's event loop.
 */
final class Sample implements Asking, UpstreamCall.Listener, Delivery {

    private static final int OK = 200;

    private final Samples samples;
    private final Exchange exchange;
    private final int index;
    private final Asked asked;
    private final Route route;
    private final Deadline deadline;
    private final SampleSignal signal;
    private final long begun = System.nanoTime();

    private Route.Target target;
    private @Nullable UpstreamCall call;
    private @Nullable StreamedAnswer answer;
    private @Nullable AnswerTree tree;
    private @Nullable HttpClientResponse from;
    private Additions additions = Additions.NONE;
    private boolean plain;
    private boolean retried;
    private long counter = -1;
    private int promptTokens;
    private int completionTokens;
    private int decoded;
    private @Nullable ApiError failure;
    private State state = State.RUNNING;

    /** What has become of it. */
    enum State {
        RUNNING,
        /** It has all that it would ever have had. */
        FINISHED,
        /** A command ended it. */
        ENDED,
        /** Its upstream did. */
        FAILED,
        /** The vote needed no more of it, or nobody waits for it. */
        UNNEEDED
    }

    /**
     * @param index its number among the samples, from 0
     * @param asked what the client asks for
     * @param target who is asked
     */
    Sample(Samples samples, Exchange exchange, int index, Asked asked, Route route, Route.Target target) {
        this.samples = samples;
        this.exchange = exchange;
        this.index = index;
        this.asked = asked.sample(index);
        this.route = route;
        this.target = target;
        deadline = new Deadline(exchange.face().vertx());
        signal = samples.newSignal();
    }

    int index() {
        return index;
    }

    State state() {
        return state;
    }

    Route.Target target() {
        return target;
    }

    /** Number of its sequence; -1 if it has none yet. */
    long counter() {
        return counter;
    }

    /** Of the prompt, as its upstream says; not above 0 if it does not. */
    int promptTokens() {
        return promptTokens;
    }

    /** Those that came, or that its upstream says it has decoded. */
    int completionTokens() {
        return Math.max(decoded, completionTokens);
    }

    /** Score of the signal that samples are compared by; NaN if nothing was measured. */
    double score() {
        return signal.score();
    }

    /** Why it failed; null if it did not. */
    @Nullable
    ApiError failure() {
        return failure;
    }

    /** The text so far. */
    String text() {
        AnswerTree known = tree;
        return known == null ? "" : known.text(0);
    }

    /** Its answer as one body; null if there is none. */
    @Nullable
    ObjectNode body() {
        AnswerTree known = tree;
        return known == null ? null : known.whole();
    }

    /** The head of its answer; null if there is none. */
    @Nullable
    HttpClientResponse head() {
        return from;
    }

    /** Asks its upstream. */
    void ask() {
        Upstream who = target.upstream();
        UpstreamCall asks = new UpstreamCall(exchange, who, this);
        call = asks;
        boolean refused = plain || exchange.face().refusals().isRefused(who, asked);
        additions = refused ? Additions.NONE : asked.additions(who);
        if (!additions.logprobs() && samples.needLogprobs(who)) {
            return;
        }
        byte[] body = refused ? asked.plain(target.model()) : asked.with(additions, who, target.model());
        Duration firstByte = limits().firstByte();
        deadline.begin(firstByte, () -> tooSlow("has not answered within " + firstByte.toSeconds() + " s"));
        String id = index == 0 ? exchange.requestId() : exchange.requestId() + '-' + index;
        asks.send(HttpMethod.POST, exchange.path(), id, false, body);
    }

    @Override
    public void failed(boolean sent) {
        call = null;
        if (!retried) {
            retried = true;
            samples.anotherTarget(this).ifPresent(other -> target = other);
            ask();
            return;
        }
        fail(ApiError.unreachable("upstream " + target.upstream().name()
                + (sent ? " broke off before it answered" : " cannot be reached")));
    }

    @Override
    public void answered(HttpClientResponse head) {
        Upstream who = target.upstream();
        head.exceptionHandler(failed -> {});
        if (head.statusCode() != OK) {
            if (additions.mayBeRefused() && Exchange.isRefusal(head.statusCode())) {
                askPlainly();
            } else if (samples.passOn(this, head)) {
                handOver();
            } else {
                fail(ApiError.unreachable("upstream " + who.name() + " answered with status " + head.statusCode()));
            }
            return;
        }
        if (!ClientResponse.isEventStream(head)) {
            fail(ApiError.unreachable("upstream " + who.name() + " was asked for a stream and gave none"));
            return;
        }
        if (plain) {
            exchange.face().refusals().remember(who, asked);
        }
        read(head, who);
    }

    /** The client reads the upstream's answer itself. */
    private void handOver() {
        state = State.FAILED;
        deadline.stop();
        if (call != null) {
            call.release();
        }
    }

    private void read(HttpClientResponse head, Upstream who) {
        ReadingOptions reading = new ReadingOptions(
                who.kind(), asked.endpoint(), additions, additions.alternatives(), who.vocabulary(), route.thinking());
        tree = new AnswerTree(asked.endpoint(), who.kind());
        StreamedAnswer streamed =
                new StreamedAnswer(this, who, reading, additions.mayBeRefused(), this, head, ender -> {
                    WatchedAnswer watched =
                            samples.watch(Announcement.facts(exchange, asked, route, who, reading), ender);
                    counter = watched.counters().get(0);
                    samples.announce(asked, reading);
                    return new Choices(this, 1, who, watched);
                });
        answer = streamed;
        streamed.begin();
    }

    @Override
    public void askPlainly() {
        plain = true;
        answer = null;
        tree = null;
        dropUpstream();
        ask();
    }

    @Override
    public Face face() {
        return exchange.face();
    }

    private Limits limits() {
        return face().config().limits();
    }

    @Override
    public boolean isOver() {
        return state != State.RUNNING || exchange.isOver();
    }

    @Override
    public long begunNanos() {
        return begun;
    }

    @Override
    public void activity() {
        Duration idle = limits().idle();
        deadline.activity(idle, () -> tooSlow("was silent for " + idle.toSeconds() + " s"));
    }

    @Override
    public void dropUpstream() {
        UpstreamCall running = call;
        call = null;
        if (running != null) {
            running.drop();
        }
    }

    @Override
    public void tellUsage(int prompt, int completion) {
        promptTokens = prompt;
        completionTokens = completion;
    }

    @Override
    public void took(ChoicePassage part) {
        signal.add(part.tokens());
        decoded += part.tokens().size();
        if (!part.tokens().isEmpty()
                || !part.text().isEmpty()
                || !part.reasoning().isEmpty()) {
            samples.promptIsRead();
        }
    }

    @Override
    public void begin(HttpClientResponse head) {
        from = head;
        samples.answered(this);
    }

    @Override
    public void event(byte[] event, Set<Integer> hidden) {
        AnswerTree grows = tree;
        if (grows != null) {
            grows.take(event, hidden);
            int limit = limits().bodyBytes();
            if (grows.bytes() > limit) {
                fail(ApiError.unreachable("the answer of upstream "
                        + target.upstream().name() + " has more than the " + limit + " bytes that are allowed"));
            }
        }
    }

    @Override
    public void failed(UpstreamError error) {
        failure = new ApiError(
                error.code() >= 400 ? error.code() : 502,
                "api_error",
                "upstream_error",
                "upstream " + target.upstream().name() + " sent an error: " + error.message());
    }

    @Override
    public void ended(int choice, Ended how, boolean last) {
        over(State.ENDED);
    }

    @Override
    public void flush() {
        // Nothing of it goes to the client before samples are compared.
    }

    @Override
    public void complete() {
        if (state == State.RUNNING) {
            UpstreamCall whole = call;
            call = null;
            if (whole != null) {
                whole.release();
            }
            over(failure == null && isNatural() ? State.FINISHED : State.FAILED);
        }
        samples.over(this);
    }

    private boolean isNatural() {
        AnswerTree known = tree;
        String finish =
                known == null ? "" : known.choice(0).path("finish_reason").asText();
        boolean natural = !finish.isEmpty() && !finish.equals("abort") && !finish.equals("error");
        if (!natural) {
            failure = ApiError.unreachable(
                    "upstream " + target.upstream().name() + " ended its answer with finish_reason " + finish);
        }
        return natural;
    }

    @Override
    public void brokenOff() {
        fail(ApiError.unreachable("upstream " + target.upstream().name() + " broke off in the middle of its answer"));
    }

    private void tooSlow(String what) {
        fail(ApiError.tooSlow("upstream " + target.upstream().name() + " " + what));
    }

    private void fail(ApiError error) {
        if (isOver()) {
            return;
        }
        failure = error;
        StreamedAnswer running = answer;
        if (running != null) {
            running.upstreamFailed();
        }
        over(State.FAILED);
        samples.over(this);
    }

    /** The vote needs no more of it. */
    void settle() {
        StreamedAnswer running = answer;
        if (state == State.RUNNING && running != null) {
            running.settled();
        }
        over(State.UNNEEDED);
    }

    /** Nobody waits for it any more. */
    void cancel() {
        StreamedAnswer running = answer;
        if (state == State.RUNNING && running != null) {
            running.clientLeft();
        }
        over(State.UNNEEDED);
    }

    private void over(State now) {
        if (state == State.RUNNING) {
            state = now;
        }
        deadline.stop();
        dropUpstream();
    }
}
