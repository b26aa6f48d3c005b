package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.reading.UpstreamError;
import io.edistream.gateway.watch.Ended;
import io.vertx.core.http.HttpClientResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A stream whose first tokens are kept back until rules have looked at them: until then it may begin again elsewhere, and its client sees
 * nothing of that but a delay. Used on the gateway's event loop, but for {@link #isWithClient}.
 */
final class HeldEvents implements OnwardDelivery {

    private final ForwardedEvents events;
    private final Meters meters;
    private final Upstream upstream;
    private final int tokensToHold;
    private final int bytesToHold;
    private final List<byte[]> held = new ArrayList<>();
    private @Nullable HttpClientResponse head;
    private int tokens;
    private int bytes;
    private volatile boolean released;

    /**
     * @param events takes them when they are let go
     * @param upstream whose they are at first
     * @param tokensToHold tokens from which on nothing is kept back
     * @param bytesToHold bytes of events from which on nothing is kept back, however few tokens they are
     */
    HeldEvents(ForwardedEvents events, Meters meters, Upstream upstream, int tokensToHold, int bytesToHold) {
        this.events = events;
        this.meters = meters;
        this.upstream = upstream;
        this.tokensToHold = tokensToHold;
        this.bytesToHold = bytesToHold;
    }

    @Override
    public void begin(HttpClientResponse from) {
        // Not the client's head: until something is let go, an error may still have its own status.
        head = from;
    }

    @Override
    public void took(int count) {
        tokens += count;
    }

    @Override
    public void event(byte[] event, Set<Integer> hidden) {
        if (released) {
            events.event(event, hidden);
            return;
        }
        events.learn(event);
        held.add(event);
        bytes += event.length;
    }

    @Override
    public ObjectNode shared() {
        return events.shared();
    }

    @Override
    public boolean isWithClient() {
        return released;
    }

    @Override
    public boolean beginsAnew() {
        if (released) {
            return events.beginsAnew();
        }
        meters.held(upstream, "discarded", tokens);
        held.clear();
        tokens = 0;
        bytes = 0;
        return true;
    }

    @Override
    public void failed(UpstreamError error) {
        release();
        events.failed(error);
    }

    @Override
    public void ended(int choice, Ended how, boolean last) {
        release();
        events.ended(choice, how, last);
    }

    @Override
    public void flush() {
        if (tokens >= tokensToHold || bytes > bytesToHold) {
            release();
        }
        if (released) {
            events.flush();
        }
    }

    @Override
    public void complete() {
        release();
        events.complete();
    }

    @Override
    public void brokenOff() {
        release();
        events.brokenOff();
    }

    private void release() {
        if (released) {
            return;
        }
        released = true;
        HttpClientResponse from = head;
        if (from != null) {
            events.begin(from);
        }
        meters.held(upstream, "delivered", tokens);
        // A command that hides the only choice lets all go first.
        held.forEach(event -> events.event(event, Set.of()));
        held.clear();
    }
}
