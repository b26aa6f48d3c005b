package io.edistream.gateway.server;

import io.edistream.gateway.config.Limits;
import io.edistream.gateway.config.Route;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.request.Additions;
import io.edistream.gateway.request.Asked;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a sample asks its upstream: once more if it cannot be reached, and once more without log-probabilities if it refuses them. Used on the
 * gateway's event loop.
 */
final class SampleRequest implements UpstreamCall.Listener {

    private static final int OK = 200;

    private final Sample sample;
    private final Samples samples;
    private final SampleTargets targets;
    private final Exchange exchange;
    private final Asked asked;
    private final String id;
    private final Deadline deadline;

    private Route.Target target;
    private @Nullable UpstreamCall call;
    private Additions additions = Additions.NONE;
    private boolean plain;
    private boolean retried;

    /**
     * @param id what it is called at its upstream
     * @param target who is asked first
     */
    SampleRequest(
            Sample sample,
            Samples samples,
            SampleTargets targets,
            Exchange exchange,
            Asked asked,
            String id,
            Route.Target target) {
        this.sample = sample;
        this.samples = samples;
        this.targets = targets;
        this.exchange = exchange;
        this.asked = asked;
        this.id = id;
        this.target = target;
        deadline = new Deadline(exchange.face().vertx());
    }

    Route.Target target() {
        return target;
    }

    Upstream upstream() {
        return target.upstream();
    }

    void ask() {
        UpstreamCall asks = new UpstreamCall(exchange, upstream(), retried, this);
        call = asks;
        boolean refused = plain || exchange.face().refusals().isRefused(upstream(), asked);
        additions = refused ? Additions.NONE : asked.additions(upstream(), null);
        if (!additions.logprobs() && samples.needLogprobs(upstream())) {
            return;
        }
        byte[] body = refused ? asked.plain(target.model()) : asked.with(additions, upstream(), target.model());
        Duration firstByte = limits().firstByte();
        deadline.begin(firstByte, () -> tooSlow("has not answered within " + firstByte.toSeconds() + " s"));
        asks.send(HttpMethod.POST, exchange.pathAndQuery(), id, false, body);
    }

    @Override
    public void failed(boolean sent) {
        call = null;
        if (!retried) {
            retried = true;
            target = targets.insteadOf(target).orElse(target);
            ask();
            return;
        }
        sample.fail(ApiError.unanswered(upstream(), sent));
    }

    @Override
    public void answered(HttpClientResponse head) {
        head.exceptionHandler(failed -> {});
        if (head.statusCode() != OK) {
            if (additions.mayBeRefused() && Refusals.isOne(head.statusCode())) {
                Refusals.readThrough(head, sample::askPlainly);
            } else if (samples.passOn(target, head)) {
                handOver();
            } else {
                sample.fail(ApiError.unreachable(
                        "upstream " + upstream().name() + " answered with status " + head.statusCode()));
            }
        } else if (!ClientResponse.isEventStream(head)) {
            sample.fail(
                    ApiError.unreachable("upstream " + upstream().name() + " was asked for a stream and gave none"));
        } else {
            if (plain) {
                exchange.face().refusals().remember(upstream(), asked);
            }
            sample.read(head, upstream(), additions);
        }
    }

    /** The client reads the upstream's answer itself: the connection stays for it, and is dropped if it leaves. */
    private void handOver() {
        sample.handedOver();
        deadline.stop();
        if (call != null) {
            call.release();
        }
    }

    /** Whether it was asked for without log-probabilities. */
    boolean isPlain() {
        return plain;
    }

    /** Asks once more, without what was added. */
    void askPlainly() {
        plain = true;
        drop();
        ask();
    }

    /** Something came from the upstream. */
    void activity() {
        Duration idle = limits().idle();
        deadline.activity(idle, () -> tooSlow("was silent for " + idle.toSeconds() + " s"));
    }

    private void tooSlow(String what) {
        sample.fail(ApiError.tooSlow("upstream " + upstream().name() + " " + what));
    }

    private Limits limits() {
        return exchange.face().config().limits();
    }

    /** The upstream has sent all that it will: its connection can be used again. */
    void complete() {
        UpstreamCall whole = call;
        call = null;
        if (whole != null) {
            whole.release();
        }
    }

    /** The upstream is told that nobody listens any more. */
    void drop() {
        deadline.stop();
        UpstreamCall running = call;
        call = null;
        if (running != null) {
            running.drop();
        }
    }
}
