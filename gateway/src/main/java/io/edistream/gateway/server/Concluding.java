package io.edistream.gateway.server;

import io.edistream.gateway.config.Route;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.request.Additions;
import io.edistream.gateway.request.Asked;
import io.edistream.gateway.request.Endpoint;
import io.edistream.gateway.watch.Forcing;
import io.edistream.gateway.watch.Onward;
import io.edistream.sequences.Intervention.Conclude;
import io.edistream.sequences.Objection;
import io.edistream.sequences.Phase;
import io.edistream.sequences.RefusalReason;
import java.util.Optional;
import java.util.function.Consumer;

/** Whether the reasoning of an answer could be ended. What the hub asks is asked on its thread: it reads what does not change. */
final class Concluding {

    private final Exchange exchange;
    private final Asked asked;

    /** Where the answer comes from now. */
    private volatile Route route;

    /** Whether the engine that answers now can be told to end its reasoning. */
    private volatile boolean controlled;

    /**
     * @param route where the answer begins
     * @param additions what the engine was asked for in addition
     */
    Concluding(Exchange exchange, Asked asked, Route route, Additions additions) {
        this.exchange = exchange;
        this.asked = asked;
        this.route = route;
        controlled = isControlled(asked, additions);
    }

    /** Whether an answer of a route may be one whose reasoning can be ended. */
    static boolean isPossible(Asked asked, Route route) {
        return route.conclude() == Route.Conclude.TEXT
                || (route.conclude() == Route.Conclude.ENGINE && asked.endpoint() == Endpoint.CHAT);
    }

    private static boolean isControlled(Asked asked, Additions additions) {
        return additions.control() || asked.wantsReasoningControl();
    }

    Exchange exchange() {
        return exchange;
    }

    Route route() {
        return route;
    }

    /**
     * The answer goes on from there.
     *
     * @param onward what was asked there
     * @param upstream who was asked
     */
    void goesOn(Route to, Asked onward, Upstream upstream) {
        route = to;
        controlled = isControlled(onward, onward.additions(upstream, to.conclude()));
    }

    /** What of an answer forbids to end its reasoning, whoever would do it; empty if nothing does. */
    static Optional<Objection> objection(Conclude conclude, Phase phase, int conclusions) {
        if (conclusions > 0) {
            return Optional.of(Objection.refused(
                    RefusalReason.OTHER, "it was tried before to end its reasoning, which is done once"));
        }
        boolean now = conclude.isOwn() ? phase == Phase.THINKING : phase != Phase.TOOL_CALL;
        return now
                ? Optional.empty()
                : Optional.of(Objection.refused(
                        RefusalReason.NOT_NOW,
                        phase == Phase.TOOL_CALL ? "it is calling a tool" : "it is not reasoning"));
    }

    /**
     * By the engine, which goes on in the same stream.
     *
     * @param begin takes the wish to have it ended
     */
    Onward inPlace(Conclude conclude, Phase phase, int conclusions, Consumer<Forcing> begin) {
        if (!conclude.isOwn()) {
            return new Onward.Impossible(Objection.unsupported(
                    "its engine ends reasoning in its own way, and takes no text and no ids for it"));
        }
        if (asked.choices() > 1) {
            return refused("its client asked for several choices, which have one name");
        }
        if (!controlled) {
            return refused("its engine was not asked so that its reasoning could be ended");
        }
        return objection(conclude, phase, conclusions)
                .<Onward>map(Onward.Impossible::new)
                .orElseGet(() -> new Onward.InPlace(begin));
    }

    private static Onward refused(String sentence) {
        return new Onward.Impossible(Objection.refused(RefusalReason.CALLER, sentence));
    }
}
