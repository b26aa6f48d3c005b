package io.edistream.gateway.server;

import io.edistream.gateway.config.Route;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.reading.ChoicePassage;
import io.edistream.gateway.reading.ReadingOptions;
import io.edistream.gateway.reading.UpstreamError;
import io.edistream.gateway.request.Additions;
import io.edistream.gateway.request.Asked;
import io.edistream.gateway.watch.Ended;
import io.edistream.gateway.watch.WatchedAnswer;
import io.edistream.signals.groups.Pruning;
import io.vertx.core.http.HttpClientResponse;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One of several samples of a prompt: a request of its own, whose answer is a stream that is watched and kept until the samples are
 * compared. Used on the gateway's event loop.
 */
final class Sample implements Asking, Delivery {

    private final Samples samples;
    private final SampleTargets targets;
    private final Exchange exchange;
    private final int index;
    private final Asked asked;
    private final Route route;
    private final SampleRequest request;
    private final long begun = System.nanoTime();

    private @Nullable StreamedAnswer answer;
    private @Nullable KeptAnswer kept;
    private long counter = -1;
    private @Nullable ApiError failure;
    private SampleState state = SampleState.RUNNING;

    /**
     * @param index its number among the samples, from 0
     * @param asked what the client asks for
     * @param target who is asked
     */
    Sample(
            Samples samples,
            SampleTargets targets,
            Exchange exchange,
            int index,
            Asked asked,
            Route route,
            Route.Target target) {
        this.samples = samples;
        this.targets = targets;
        this.exchange = exchange;
        this.index = index;
        this.asked = asked.sample(index);
        this.route = route;
        String id = index == 0 ? exchange.id().text() : exchange.id().text() + '-' + index;
        request = new SampleRequest(this, samples, targets, exchange, this.asked, id, target);
    }

    int index() {
        return index;
    }

    SampleState state() {
        return state;
    }

    /** Number of its sequence; -1 if it has none yet. */
    long counter() {
        return counter;
    }

    /** Why it failed; null if it did not. */
    @Nullable
    ApiError failure() {
        return failure;
    }

    /** Its answer so far; null if there is none. */
    @Nullable
    KeptAnswer kept() {
        return kept;
    }

    /** How far it is beside the others; empty if it ended without an answer. */
    Optional<Pruning.Progress> progress() {
        KeptAnswer has = kept;
        int tokens = has == null ? 0 : has.completionTokens();
        double badness = has == null ? Double.NaN : samples.strategy().signal().badness(has.score());
        return standing().map(standing -> new Pruning.Progress(index, standing, tokens, badness));
    }

    private Optional<Pruning.State> standing() {
        return switch (state) {
            case RUNNING -> Optional.of(Pruning.State.RUNNING);
            case FINISHED -> Optional.of(Pruning.State.FINISHED);
            case PRUNED -> Optional.of(Pruning.State.PRUNED);
            case ENDED, FAILED, UNNEEDED -> Optional.empty();
        };
    }

    /** Asks its upstream. */
    void ask() {
        request.ask();
    }

    /** The client reads its upstream's answer itself. */
    void handedOver() {
        state = SampleState.FAILED;
    }

    /**
     * Its upstream answers with a stream.
     *
     * @param additions what it was asked for beside what the client asks for
     */
    void read(HttpClientResponse head, Upstream who, Additions additions) {
        ReadingOptions reading = ReadingOptions.of(asked, route, who, additions);
        kept = new KeptAnswer(
                head, asked.endpoint(), who.kind(), samples.strategy().signal());
        StreamedAnswer streamed =
                new StreamedAnswer(this, who, reading, additions.mayBeRefused(), this, head, null, null, steering -> {
                    WatchedAnswer watched =
                            samples.watch(Announcement.facts(exchange, asked, route, who, reading), steering);
                    counter = watched.counters().get(0);
                    samples.announce(asked, reading);
                    return new Choices(this, 1, who, watched);
                });
        answer = streamed;
        streamed.begin();
    }

    @Override
    public void askPlainly() {
        if (!request.isPlain() && !isOver()) {
            answer = null;
            kept = null;
            request.askPlainly();
        }
    }

    @Override
    public Face face() {
        return exchange.face();
    }

    @Override
    public boolean isOver() {
        return state != SampleState.RUNNING || exchange.isOver();
    }

    @Override
    public long begunNanos() {
        return begun;
    }

    @Override
    public void activity() {
        request.activity();
    }

    @Override
    public void dropUpstream() {
        request.drop();
    }

    @Override
    public void tellUsage(int prompt, int completion) {
        if (kept != null) {
            kept.usage(prompt, completion);
        }
    }

    @Override
    public @Nullable String answer() {
        return kept == null ? null : samples.strategy().answer(kept.text(), route.thinking());
    }

    @Override
    public void took(ChoicePassage part) {
        if (kept != null) {
            kept.part(part);
        }
        if (!part.tokens().isEmpty()
                || !part.text().isEmpty()
                || !part.reasoning().isEmpty()) {
            samples.promptIsRead();
        }
    }

    @Override
    public void begin(HttpClientResponse head) {
        if (targets.answered(request.target())) {
            exchange.answeredBy(request.target());
        }
    }

    @Override
    public void event(byte[] event, Set<Integer> hidden) {
        KeptAnswer grows = kept;
        if (grows != null) {
            grows.event(event, hidden);
            int limit = face().config().limits().bodyBytes();
            if (grows.bytes() > limit) {
                fail(ApiError.answerTooLarge(request.upstream(), limit));
            }
        }
    }

    @Override
    public void failed(UpstreamError error) {
        failure = new ApiError(
                error.code() >= 400 ? error.code() : 502,
                "api_error",
                "upstream_error",
                "upstream " + request.upstream().name() + " sent an error: " + error.message());
    }

    @Override
    public void ended(int choice, Ended how, boolean last) {
        over(SampleState.ENDED);
    }

    /** Nothing of it goes to the client before samples are compared. */
    @Override
    public void flush() {
        samples.grew();
    }

    @Override
    public void complete() {
        if (state == SampleState.RUNNING) {
            request.complete();
            over(failure == null && isNatural() ? SampleState.FINISHED : SampleState.FAILED);
        }
        samples.over(this);
    }

    private boolean isNatural() {
        String finish = kept == null ? "" : kept.finish();
        boolean natural = !finish.isEmpty() && !finish.equals("abort") && !finish.equals("error");
        if (!natural) {
            failure = ApiError.unreachable(
                    "upstream " + request.upstream().name() + " ended its answer with finish_reason " + finish);
        }
        return natural;
    }

    @Override
    public void brokenOff() {
        fail(ApiError.brokenOff(request.upstream()));
    }

    /** It ends without an answer, or without all of it. */
    void fail(ApiError error) {
        if (isOver()) {
            return;
        }
        failure = error;
        StreamedAnswer running = answer;
        if (running != null) {
            running.upstreamFailed();
        }
        over(SampleState.FAILED);
        samples.over(this);
    }

    /** The vote needs no more of it. */
    void settle() {
        endsFor("settled", SampleState.UNNEEDED);
    }

    /** It is among the weakest. */
    void prune() {
        endsFor("pruned", SampleState.PRUNED);
    }

    private void endsFor(String why, SampleState now) {
        StreamedAnswer running = answer;
        if (state == SampleState.RUNNING && running != null) {
            running.endsFor(why);
        }
        over(now);
    }

    /** Nobody waits for it any more. */
    void cancel() {
        StreamedAnswer running = answer;
        if (state == SampleState.RUNNING && running != null) {
            running.clientLeft();
        }
        over(SampleState.UNNEEDED);
    }

    private void over(SampleState now) {
        if (state == SampleState.RUNNING) {
            state = now;
        }
        request.drop();
    }
}
