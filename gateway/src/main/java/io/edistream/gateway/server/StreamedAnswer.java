package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.reading.ChoicePassage;
import io.edistream.gateway.reading.Ending;
import io.edistream.gateway.reading.EventReader;
import io.edistream.gateway.reading.Passage;
import io.edistream.gateway.reading.ReadingOptions;
import io.edistream.gateway.reading.ServerSentEvent;
import io.edistream.gateway.reading.StreamReader;
import io.edistream.gateway.reading.UpstreamError;
import io.edistream.gateway.reading.Usage;
import io.edistream.gateway.request.OnwardRequest;
import io.edistream.gateway.watch.AnswerSteering;
import io.edistream.gateway.watch.Ended;
import io.edistream.gateway.watch.Onward;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.Intervention.Reroute;
import io.edistream.sequences.Objection;
import io.edistream.sequences.Phase;
import io.edistream.sequences.RefusalReason;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A watched answer that an upstream streams: read as it passes, without what was asked for in addition, and ended where the hub
 * says so. Used on the gateway's event loop, but for what the hub asks for.
 */
final class StreamedAnswer implements Answer, AnswerSteering {

    private final Asking asking;
    private final boolean mayBeRefused;
    private final Delivery delivery;
    private final Context loop = Vertx.currentContext();
    private final Choices choices;
    private final @Nullable Rerouting rerouting;

    private Leg leg;
    private @Nullable Handover handover;
    private final List<UpstreamUsage> used = new ArrayList<>(0);
    private @Nullable Stitch stitch;
    private boolean begun;
    private boolean dropped;

    /**
     * The part of an answer that one upstream streams.
     *
     * @param upstream whose it is
     */
    record Leg(Upstream upstream, HttpClientResponse from, EventReader events, StreamReader reader) {}

    /**
     * @param mayBeRefused whether an error as its first event may be about what was asked for in addition
     * @param delivery how the client gets it
     * @param rerouting which other routes it could go on with; null for none
     * @param choices announces its choices, which this ends
     */
    StreamedAnswer(
            Asking asking,
            Upstream upstream,
            ReadingOptions reading,
            boolean mayBeRefused,
            Delivery delivery,
            HttpClientResponse from,
            @Nullable Rerouting rerouting,
            Function<AnswerSteering, Choices> choices) {
        this.asking = asking;
        this.mayBeRefused = mayBeRefused;
        this.delivery = delivery;
        this.rerouting = rerouting;
        leg = new Leg(
                upstream,
                from,
                new EventReader(asking.face().config().limits().eventBytes()),
                new StreamReader(reading));
        this.choices = choices.apply(this);
    }

    void begin() {
        asking.activity();
        HttpClientResponse first = leg.from();
        first.handler(bytes -> {
            if (leg.from() == first) {
                read(bytes.getBytes());
                flush();
            }
        });
        first.exceptionHandler(failure -> endsOf(first));
        first.endHandler(end -> endsOf(first));
    }

    private void endsOf(HttpClientResponse first) {
        if (leg.from() == first && !isOver() && (handover == null || !handover.keepsEnd())) {
            ends();
        }
    }

    private boolean isOver() {
        return dropped || asking.isOver();
    }

    void read(byte[] bytes) {
        if (!isOver()) {
            asking.activity();
            leg.events().read(bytes, 0, bytes.length, this::take);
        }
    }

    void flush() {
        if (!isOver()) {
            delivery.flush();
        }
    }

    /** One piece of the stream. */
    void take(ServerSentEvent event) {
        if (isOver()) {
            return;
        }
        Passage passage = leg.reader().read(event);
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
        if (handover == null || !handover.keeps(passage)) {
            deliver(passage);
        }
    }

    /** What is to reach the client, and the hub. */
    void deliver(Passage passage) {
        choices.learn(passage.usage());
        if (rerouting != null && passage.promptIds() != null && rerouting.ids().prompt() == null) {
            rerouting.ids().prompt(passage.promptIds());
        }
        boolean anyWanted = passage.choices().isEmpty();
        int before = choices.decoded();
        for (ChoicePassage read : passage.choices()) {
            ChoicePassage choice = stitch == null ? read : stitch.choice(read);
            anyWanted |= choices.take(choice);
            if (rerouting != null) {
                rerouting.says(choice);
            }
        }
        delivery.took(choices.decoded() - before);
        byte[] bytes = passage.bytes();
        if (bytes != null && anyWanted) {
            forward(bytes);
        }
        UpstreamError error = passage.error();
        if (error != null) {
            delivery.failed(error);
            choices.tellFinishes();
            choices.endAll(EndReason.ERROR);
        }
    }

    private void forward(byte[] bytes) {
        byte[] event = bytes;
        if (stitch != null) {
            try {
                event = stitch.event(bytes);
            } catch (Stitch.Contradiction e) {
                moves().exchange()
                        .loseAnswer(ApiError.unreachable("the answer was to go on with upstream "
                                + leg.upstream().name() + ", and " + e.getMessage()));
                return;
            }
        }
        if (event != null) {
            delivery.event(event, choices.hidden());
        }
    }

    private void begin(Passage first) {
        begun = true;
        delivery.begin(leg.from());
        choices.open(first);
    }

    /** Its upstream has said all. */
    void ends() {
        if (isOver()) {
            return;
        }
        leg.events().end(this::take);
        if (isOver()) {
            return;
        }
        Ending ending = leg.reader().end();
        if (!begun) {
            delivery.begin(leg.from());
        }
        if (choices.areOpen()) {
            choices.tellEnds(ending);
        }
        for (int event = leg.reader().unread(); event > 0; event--) {
            asking.face().meters().unread(leg.upstream());
        }
        choices.tellUsage();
        if (ending.outcome() == Ending.Outcome.CUT) {
            delivery.brokenOff();
        } else {
            delivery.complete();
        }
    }

    /** On the hub's thread. */
    @Override
    public Onward onward(int choice, Reroute reroute, Phase phase, int tokens, int continuations) {
        if (rerouting == null) {
            return new Onward.Impossible(
                    Objection.refused(RefusalReason.CALLER, "it is a sample, of which its caller's strategy decides"));
        }
        return rerouting.onward(reroute, phase, tokens, continuations, move -> loop.runOnContext(now -> begin(move)));
    }

    private void begin(Rerouting.Move move) {
        if (isOver() || choices.areOver()) {
            move.rest().cannot();
            return;
        }
        handover = new Handover(this, moves(), leg.upstream(), move);
        handover.begin();
        flush();
    }

    private Rerouting moves() {
        if (rerouting == null) {
            throw new IllegalStateException("it cannot go on elsewhere");
        }
        return rerouting;
    }

    Choices choices() {
        return choices;
    }

    /** Nothing is kept back any more. */
    void isNotUnderWay() {
        handover = null;
    }

    /** What another upstream streams is the answer from now on. */
    void isServedBy(Leg next) {
        leg = next;
    }

    /**
     * Another upstream goes on, which {@link #isServedBy serves} it now.
     *
     * @param onward what it was asked
     * @param from who served it before
     * @param kept tokens of that one that nobody gets
     * @param first its first piece
     */
    void goesOn(Rerouting.Move move, OnwardRequest onward, Upstream from, int kept, Passage first) {
        ObjectNode notice = JsonNodeFactory.instance.objectNode();
        EndNotice.write(notice, 0, move.why(), moves().ids().size());
        Usage counted = choices.goesOn(leg.upstream());
        int[] prompt = moves().ids().prompt();
        int promptTokens = counted.promptTokens() < 0 && prompt != null ? prompt.length : counted.promptTokens();
        int discarded = kept + (onward.tokens() == 0 ? counted.completionTokens() : 0);
        used.add(new UpstreamUsage(
                from.name(),
                new Usage(promptTokens, counted.completionTokens() + kept, counted.cachedTokens()),
                discarded));
        asking.face().meters().discarded(from, discarded);
        boolean roleIsNew = onward.tokens() == 0 && moves().beginsAnew();
        stitch = new Stitch(
                moves().delivery().shared(),
                moves().asked(),
                onward,
                roleIsNew,
                used,
                leg.upstream().name(),
                moves().route().tellEnds() ? notice : null);
        moves().goesOn(move, onward.method());
        move.rest().goesOn(onward.method(), onward.tokens());
        deliver(first);
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
            giveUpHandover();
            asking.dropUpstream();
            Meters meters = asking.face().meters();
            meters.closedAfter(leg.upstream(), Duration.ofNanos(System.nanoTime() - settledNanos));
            meters.closed(leg.upstream(), "aborted");
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

    private void giveUpHandover() {
        Handover underWay = handover;
        if (underWay != null) {
            underWay.giveUp();
        }
    }

    @Override
    public void clientLeft() {
        giveUpHandover();
        if (!dropped) {
            asking.face().meters().closed(leg.upstream(), "cancelled");
        }
        choices.tellFinishes();
        choices.endAll(EndReason.CANCELLED);
    }

    /** The vote that it is a sample of needs no more of it. */
    void settled() {
        dropped = true;
        asking.face().meters().closed(leg.upstream(), "settled");
        choices.tellFinishes();
        choices.endAll(EndReason.PRUNED);
        choices.tellUsage();
    }

    @Override
    public void upstreamFailed() {
        giveUpHandover();
        choices.tellFinishes();
        choices.endAll(EndReason.ERROR);
    }
}
