package io.edistream.gateway.server;

import io.edistream.gateway.config.Route;
import io.edistream.gateway.reading.ReadingOptions;
import io.edistream.gateway.request.Asked;
import io.edistream.gateway.request.OnwardRequest;
import io.edistream.gateway.watch.Onward;
import io.edistream.gateway.watch.Rest;
import io.edistream.sequences.Continuation.Method;
import io.edistream.sequences.Intervention.Reroute;
import io.edistream.sequences.Objection;
import io.edistream.sequences.Phase;
import io.edistream.sequences.RefusalReason;
import java.util.Optional;
import java.util.function.Consumer;

/** Which other routes an answer could go on with. What the hub asks is asked on its thread: it reads what does not change, and who is up. */
final class Rerouting {

    private final Exchange exchange;
    private final Asked asked;
    private final Route route;
    private final OnwardDelivery delivery;
    private final boolean whole;

    /** Of the event loop: what the client has, or is about to get. */
    private final StringBuilder text = new StringBuilder();

    /** Where the answer comes from now. */
    private volatile Route now;

    /**
     * @param route where the answer began
     * @param delivery how its client gets it
     * @param whole whether its client gets it in one piece, so that nothing of it is with the client yet
     */
    Rerouting(Exchange exchange, Asked asked, Route route, OnwardDelivery delivery, boolean whole) {
        this.exchange = exchange;
        this.asked = asked;
        this.route = route;
        now = route;
        this.delivery = delivery;
        this.whole = whole;
    }

    /**
     * Where an answer is to go on.
     *
     * @param why what the command says
     * @param to the route
     * @param target who of it is asked
     * @param rest what is told how it went
     */
    record Move(Reroute why, Route to, Route.Target target, Rest rest) {}

    Exchange exchange() {
        return exchange;
    }

    Asked asked() {
        return asked;
    }

    OnwardDelivery delivery() {
        return delivery;
    }

    /** What the client has. */
    CharSequence text() {
        return text;
    }

    /** The client has more. */
    void says(String more) {
        text.append(more);
    }

    /** Nothing counts that the client has. */
    void beginsAnew() {
        text.setLength(0);
        delivery.beginsAnew();
    }

    /** Where the answer comes from now. */
    Route route() {
        return now;
    }

    /** The answer goes on from there. */
    void goesOn(Route to) {
        now = to;
    }

    Onward onward(Reroute reroute, Phase phase, int tokens, int continuations, Consumer<Move> begin) {
        if (continuations >= route.reroutes()) {
            return refused(
                    RefusalReason.OTHER,
                    "it was tried " + continuations + " times to go on elsewhere; the limit of route " + route.name()
                            + " is " + route.reroutes());
        }
        Route to = exchange.face().config().route(reroute.route()).orElse(null);
        if (to == null || to.model() == null) {
            return never("no route " + reroute.route() + "; there is "
                    + exchange.face().config().routes().stream()
                            .map(Route::name)
                            .toList());
        }
        if (to.name().equals(now.name())) {
            return refused(RefusalReason.NOT_NOW, "the answer is of route " + to.name() + " already");
        }
        if (reroute.fromPrompt() && tokens > 0 && !whole) {
            return refused(RefusalReason.CALLER, "its client has tokens that would have to be taken back");
        }
        if (!reroute.fromPrompt() && phase == Phase.TOOL_CALL) {
            return refused(RefusalReason.NOT_NOW, "it is calling a tool");
        }
        if (!reroute.fromPrompt() && phase == Phase.THINKING && now.thinking() == null) {
            return refused(
                    RefusalReason.NOT_NOW,
                    "it is reasoning, and route " + now.name() + " does not say between which tags");
        }
        int kept = reroute.fromPrompt() ? 0 : tokens;
        Route.Target target = free(to).orElse(null);
        if (target == null) {
            return refused(RefusalReason.NO_ROOM, "no upstream of route " + to.name() + " is up and has room");
        }
        Optional<String> objection = OnwardRequest.objection(asked, target.upstream(), kept);
        if (objection.isPresent()) {
            return refused(RefusalReason.CALLER, objection.get());
        }
        ReadingOptions reading = ReadingOptions.of(asked, to, target.upstream(), asked.additions(target.upstream()));
        return new Onward.Possible(
                Announcement.facts(exchange, asked, to, target.upstream(), reading, to.name()),
                kept == 0 ? Method.FROM_PROMPT : Method.BY_TEXT,
                rest -> begin.accept(new Move(reroute, to, target, rest)));
    }

    /** The first that is, as they are configured: the hub's thread draws nothing. */
    private Optional<Route.Target> free(Route to) {
        return to.targets().stream().filter(exchange.face().backends()::isFree).findFirst();
    }

    private static Onward never(String sentence) {
        return new Onward.Impossible(Objection.unsupported(sentence));
    }

    private static Onward refused(RefusalReason reason, String sentence) {
        return new Onward.Impossible(Objection.refused(reason, sentence));
    }
}
