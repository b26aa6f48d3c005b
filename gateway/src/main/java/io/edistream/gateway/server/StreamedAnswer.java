package io.edistream.gateway.server;

import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.reading.ChoicePassage;
import io.edistream.gateway.reading.Ending;
import io.edistream.gateway.reading.EventReader;
import io.edistream.gateway.reading.Passage;
import io.edistream.gateway.reading.ReadingOptions;
import io.edistream.gateway.reading.ServerSentEvent;
import io.edistream.gateway.reading.StreamReader;
import io.edistream.gateway.reading.UpstreamError;
import io.edistream.gateway.watch.ChoiceEnder;
import io.edistream.gateway.watch.Ended;
import io.edistream.sequences.EndReason;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.time.Duration;
import java.util.function.Function;

/**
 * A watched answer that an upstream streams: read as it passes, without what was asked for in addition, and ended where the hub
 * says so. Used on the gateway's event loop, but for {@link #end}.
 */
final class StreamedAnswer implements Answer, ChoiceEnder {

    private final Asking asking;
    private final Upstream upstream;
    private final boolean mayBeRefused;
    private final Delivery delivery;
    private final HttpClientResponse from;
    private final Context loop = Vertx.currentContext();
    private final Choices choices;
    private final EventReader events;
    private final StreamReader reader;
    private boolean begun;
    private boolean dropped;

    /**
     * @param mayBeRefused whether an error as its first event may be about what was asked for in addition
     * @param delivery how the client gets it
     * @param choices announces its choices, which this ends
     */
    StreamedAnswer(
            Asking asking,
            Upstream upstream,
            ReadingOptions reading,
            boolean mayBeRefused,
            Delivery delivery,
            HttpClientResponse from,
            Function<ChoiceEnder, Choices> choices) {
        this.asking = asking;
        this.upstream = upstream;
        this.mayBeRefused = mayBeRefused;
        this.delivery = delivery;
        this.from = from;
        events = new EventReader(asking.face().config().limits().eventBytes());
        reader = new StreamReader(reading);
        this.choices = choices.apply(this);
    }

    void begin() {
        asking.activity();
        from.handler(this::read);
        from.exceptionHandler(failure -> ends());
        from.endHandler(end -> ends());
    }

    private boolean isOver() {
        return dropped || asking.isOver();
    }

    private void read(Buffer bytes) {
        if (!isOver()) {
            asking.activity();
            byte[] read = bytes.getBytes();
            events.read(read, 0, read.length, this::take);
            if (!isOver()) {
                delivery.flush();
            }
        }
    }

    /** One piece of the stream. */
    private void take(ServerSentEvent event) {
        if (isOver()) {
            return;
        }
        Passage passage = reader.read(event);
        if (!begun) {
            if (!event.hasData()) {
                // Our own status waits for what decides about it.
                return;
            }
            if (passage.error() != null && mayBeRefused) {
                dropped = true;
                asking.askPlainly();
                return;
            }
            begin(passage);
        }
        choices.learn(passage.usage());
        boolean anyWanted = passage.choices().isEmpty();
        for (ChoicePassage choice : passage.choices()) {
            anyWanted |= choices.take(choice);
        }
        byte[] bytes = passage.bytes();
        if (bytes != null && anyWanted) {
            delivery.event(bytes, choices.hidden());
        }
        UpstreamError error = passage.error();
        if (error != null) {
            delivery.failed(error);
            choices.tellFinishes();
            choices.endAll(EndReason.ERROR);
        }
    }

    private void begin(Passage first) {
        begun = true;
        delivery.begin(from);
        choices.open(first);
    }

    private void ends() {
        if (isOver()) {
            return;
        }
        events.end(this::take);
        if (isOver()) {
            return;
        }
        Ending ending = reader.end();
        if (!begun) {
            delivery.begin(from);
        }
        if (choices.areOpen()) {
            choices.tellEnds(ending);
        }
        for (int event = reader.unread(); event > 0; event--) {
            asking.face().meters().unread(upstream);
        }
        choices.tellUsage();
        if (ending.outcome() == Ending.Outcome.CUT) {
            delivery.brokenOff();
        } else {
            delivery.complete();
        }
    }

    /** On the hub's thread. Only a command ends an answer: with the hub gone it flows on. */
    @Override
    public void end(int choice, Ended ended) {
        if (ended.reason() == EndReason.ABORTED || ended.reason() == EndReason.PRUNED) {
            long settled = System.nanoTime();
            loop.runOnContext(now -> endHere(choice, ended, settled));
        }
    }

    private void endHere(int choice, Ended how, long settledNanos) {
        if (isOver() || !choices.end(choice)) {
            return;
        }
        boolean last = choices.areOver();
        if (last) {
            dropped = true;
            asking.dropUpstream();
            Meters meters = asking.face().meters();
            meters.closedAfter(upstream, Duration.ofNanos(System.nanoTime() - settledNanos));
            meters.closed(upstream, "aborted");
        }
        delivery.ended(choice, how, last);
        if (!last) {
            delivery.flush();
            return;
        }
        choices.tellFinishes();
        choices.tellUsage();
        delivery.complete();
    }

    @Override
    public void clientLeft() {
        if (!dropped) {
            asking.face().meters().closed(upstream, "cancelled");
        }
        choices.tellFinishes();
        choices.endAll(EndReason.CANCELLED);
    }

    /** The vote that it is a sample of needs no more of it. */
    void settled() {
        dropped = true;
        asking.face().meters().closed(upstream, "settled");
        choices.tellFinishes();
        choices.endAll(EndReason.PRUNED);
        choices.tellUsage();
    }

    @Override
    public void upstreamFailed() {
        choices.tellFinishes();
        choices.endAll(EndReason.ERROR);
    }
}
