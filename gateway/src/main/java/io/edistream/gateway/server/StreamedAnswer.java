package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.config.Route;
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
import io.edistream.gateway.watch.Forcing;
import io.edistream.gateway.watch.Onward;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.Intervention.Conclude;
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
    private final @Nullable Concluding concluding;

    private Leg leg;
    private @Nullable Handover handover;
    private final List<UpstreamUsage> used = new ArrayList<>(0);
    private @Nullable Conclusion conclusion;
    private @Nullable Conclude concludedBy;
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
     * @param concluding how its reasoning could be ended; null for not at all
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
            @Nullable Concluding concluding,
            Function<AnswerSteering, Choices> choices) {
        this.asking = asking;
        this.mayBeRefused = mayBeRefused;
        this.delivery = delivery;
        this.rerouting = rerouting;
        this.concluding = concluding;
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
        first.handler(bytes -> read(first, bytes.getBytes()));
        first.exceptionHandler(failure -> endsOf(first));
        first.endHandler(end -> endsOf(first));
    }

    /** Something came of an upstream, which need not be the one any more that the answer comes from. */
    void read(HttpClientResponse from, byte[] bytes) {
        if (leg.from() == from) {
            read(bytes);
            flush();
        }
    }

    /** An upstream has said all, or broke off, which need not be the one any more that the answer comes from. */
    void endsOf(HttpClientResponse from) {
        if (leg.from() == from && !isOver() && (handover == null || !handover.keepsEnd())) {
            ends();
        }
    }

    private boolean isOver() {
        return dropped || asking.isOver();
    }

    private void read(byte[] bytes) {
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
        if (conclusion != null) {
            conclusion.read(passage);
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
        ObjectNode notice = passage.bytes() == null ? null : conclusionNotice(passage);
        boolean anyWanted = passage.choices().isEmpty();
        int before = choices.decoded();
        for (ChoicePassage read : passage.choices()) {
            ChoicePassage choice = unseen(read);
            anyWanted |= choices.take(choice);
            if (rerouting != null) {
                rerouting.says(choice);
            }
        }
        delivery.took(choices.decoded() - before);
        byte[] bytes = passage.bytes();
        if (bytes != null && anyWanted) {
            forward(notice == null ? bytes : EndNotice.added(bytes, notice));
        }
        UpstreamError error = passage.error();
        if (error != null) {
            delivery.failed(error);
            choices.tellFinishes();
            choices.endAll(EndReason.ERROR);
        }
    }

    /** What the first event behind an ended reasoning says of it; null for any other event. */
    private @Nullable ObjectNode conclusionNotice(Passage passage) {
        Conclude why = concludedBy;
        if (why == null
                || conclusion == null
                || !conclusion.hasConcluded()
                || passage.choices().isEmpty()) {
            return null;
        }
        concludedBy = null;
        int forced = 0;
        for (DecodedToken token : passage.choices().get(0).tokens()) {
            forced += token.forced() ? 1 : 0;
        }
        ObjectNode notice = JsonNodeFactory.instance.objectNode();
        EndNotice.write(notice, 0, why, choices.decoded() + forced);
        return concludes().route().tellEnds() ? notice : null;
    }

    /** What was read of a choice, without what the client has already. */
    ChoicePassage unseen(ChoicePassage read) {
        return stitch == null ? read : stitch.choice(read);
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
        giveUpWhatIsUnderWay();
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
    public Onward onward(int choice, Reroute reroute, Phase phase, int tokens, int reroutes) {
        if (rerouting == null) {
            return new Onward.Impossible(
                    Objection.refused(RefusalReason.CALLER, "it is a sample, of which its caller's strategy decides"));
        }
        return rerouting.onward(reroute, phase, tokens, reroutes, move -> loop.runOnContext(now -> begin(move)));
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

    /** On the hub's thread. */
    @Override
    public Onward conclusion(int choice, Conclude conclude, Phase phase, int tokens, int conclusions) {
        if (concluding == null) {
            return new Onward.Impossible(
                    Objection.refused(RefusalReason.CALLER, "it is a sample, of which its caller's strategy decides"));
        }
        if (rerouting != null && concluding.route().conclude() == Route.Conclude.TEXT) {
            return rerouting.conclusion(
                    conclude, phase, tokens, conclusions, move -> loop.runOnContext(now -> begin(move)));
        }
        return concluding.inPlace(
                conclude, phase, conclusions, forcing -> loop.runOnContext(now -> begin(conclude, forcing)));
    }

    private void begin(Conclude why, Forcing forcing) {
        Conclusion asks = new Conclusion(
                concludes().exchange(), concludes().route().name(), leg.upstream(), leg.reader(), forcing);
        if (isOver() || choices.areOver()) {
            asks.giveUp();
            return;
        }
        conclusion = asks;
        concludedBy = why;
        asks.begin();
    }

    private Concluding concludes() {
        if (concluding == null) {
            throw new IllegalStateException("its reasoning cannot be ended");
        }
        return concluding;
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

    /** Whether it is at its reasoning. */
    boolean isReasoning() {
        return leg.reader().phase(0) == Phase.THINKING;
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
        if (move.why() instanceof Reroute reroute) {
            EndNotice.write(notice, 0, reroute, moves().ids().size());
        } else if (move.why() instanceof Conclude conclude) {
            EndNotice.write(notice, 0, conclude, moves().ids().size());
        }
        Usage counted = choices.goesOn(leg.upstream());
        int[] prompt = moves().ids().prompt();
        int promptTokens = counted.promptTokens() < 0 && prompt != null ? prompt.length : counted.promptTokens();
        int discarded = kept + (onward.tokens() == 0 ? counted.completionTokens() : 0);
        used.add(new UpstreamUsage(
                from.name(),
                new Usage(promptTokens, counted.completionTokens() + kept, counted.cachedTokens()),
                discarded));
        asking.face().meters().discarded(from, discarded);
        // First: what begins anew forgets it, and the answer keeps its id.
        ObjectNode shared = moves().delivery().shared();
        boolean roleIsNew = onward.tokens() == 0 && moves().beginsAnew();
        stitch = new Stitch(
                shared,
                moves().asked(),
                onward,
                roleIsNew,
                used,
                leg.upstream().name(),
                moves().route().tellEnds() ? notice : null);
        if (!move.forced().isEmpty()) {
            force(move.forced());
        }
        moves().goesOn(move, onward.method());
        concludes().goesOn(move.to(), onward.asked(), leg.upstream());
        move.rest().goesOn(onward.method(), onward.tokens());
        deliver(first);
    }

    /** What was put behind the answer is a part of it; where the reasoning comes apart from the text its end is not shown. */
    private void force(String text) {
        if (!moves().reasonsApart()) {
            delivery.event(
                    LastChunk.text(moves().delivery().shared(), moves().asked().endpoint(), text), choices.hidden());
        }
        moves().isForced(text);
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
            giveUpWhatIsUnderWay();
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

    private void giveUpWhatIsUnderWay() {
        Handover underWay = handover;
        if (underWay != null) {
            underWay.giveUp();
        }
        if (conclusion != null) {
            conclusion.giveUp();
        }
    }

    @Override
    public void clientLeft() {
        giveUpWhatIsUnderWay();
        if (!dropped) {
            asking.face().meters().closed(leg.upstream(), "cancelled");
        }
        choices.tellFinishes();
        choices.endAll(EndReason.CANCELLED);
    }

    /**
     * The strategy that it is a sample of needs no more of it.
     *
     * @param why settled or pruned
     */
    void endsFor(String why) {
        dropped = true;
        asking.face().meters().closed(leg.upstream(), why);
        choices.tellFinishes();
        choices.endAll(EndReason.PRUNED);
        choices.tellUsage();
    }

    @Override
    public void upstreamFailed() {
        giveUpWhatIsUnderWay();
        choices.tellFinishes();
        choices.endAll(EndReason.ERROR);
    }
}
