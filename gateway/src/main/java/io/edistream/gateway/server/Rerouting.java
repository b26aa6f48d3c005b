package io.edistream.gateway.server;

import io.edistream.gateway.config.Route;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.config.UpstreamKind;
import io.edistream.gateway.reading.ChoicePassage;
import io.edistream.gateway.reading.ReadingOptions;
import io.edistream.gateway.request.Asked;
import io.edistream.gateway.request.Endpoint;
import io.edistream.gateway.request.OnwardRequest;
import io.edistream.gateway.watch.Onward;
import io.edistream.gateway.watch.Rest;
import io.edistream.sequences.Continuation.Method;
import io.edistream.sequences.Intervention;
import io.edistream.sequences.Intervention.Conclude;
import io.edistream.sequences.Intervention.Reroute;
import io.edistream.sequences.Objection;
import io.edistream.sequences.Phase;
import io.edistream.sequences.RefusalReason;
import io.edistream.sequences.SamplingChange;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** How an answer could go on with another request: on another route, or behind the end of its reasoning. What the hub asks is asked on its thread: it reads what does not change, and who is up. */
final class Rerouting {

    private final Exchange exchange;
    private final Asked asked;
    private final Route route;
    private final OnwardDelivery delivery;

    /** Of the event loop: what the client has, or is about to get. */
    private final StringBuilder text = new StringBuilder();

    private final AnswerIds ids = new AnswerIds();

    /** Characters of a message that the client began itself, and the engine has yet to repeat. */
    private int repeats;

    /** Where the answer comes from now. */
    private volatile Route now;

    private volatile Route.Target target;

    /** Whether its reasoning comes apart from its text. */
    private volatile boolean reasonsApart;

    /**
     * @param route where the answer began
     * @param by who answers there
     * @param delivery how its client gets it
     */
    Rerouting(Exchange exchange, Asked asked, Route route, Route.Target by, OnwardDelivery delivery) {
        this.exchange = exchange;
        this.asked = asked;
        this.route = route;
        now = route;
        target = by;
        repeats = OnwardRequest.repeatedLength(asked, by.upstream());
        this.delivery = delivery;
    }

    /**
     * Where an answer is to go on.
     *
     * @param why what the command says: a reroute or a conclusion
     * @param forced what is put behind the answer so far; empty for a reroute
     * @param to the route
     * @param target who of it is asked
     * @param rest what is told how it went
     */
    record Move(Intervention why, String forced, Route to, Route.Target target, Rest rest) {

        boolean fromPrompt() {
            return why instanceof Reroute reroute && reroute.fromPrompt();
        }

        SamplingChange sampling() {
            return why instanceof Reroute reroute ? reroute.sampling() : SamplingChange.NONE;
        }

        boolean concludes() {
            return why instanceof Conclude;
        }

        /** Whether it makes sense only as long as the answer reasons. */
        boolean needsReasoning() {
            return why instanceof Conclude conclude && conclude.isOwn();
        }
    }

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
    void says(ChoicePassage more) {
        reasonsApart |= !more.reasoning().isEmpty();
        int again = Math.min(repeats, more.text().length());
        repeats -= again;
        text.append(more.text(), again, more.text().length());
        ids.take(more);
    }

    /** The client has what was put behind the answer. */
    void isForced(String forced) {
        text.append(reasonsApart ? "" : forced);
        // Whatever comes of them, tokens that nobody drew are not the answer's.
        ids.areOfAnother();
    }

    /** Whether the reasoning comes apart from the text, so that the text alone does not say what the client has. */
    boolean reasonsApart() {
        return reasonsApart;
    }

    /** Ids of what the client has. */
    AnswerIds ids() {
        return ids;
    }

    /** Whether ids of the engine that answers now mean the same to the one that is to go on. */
    boolean sharesIds(Move move) {
        Upstream first = target.upstream();
        Upstream next = move.target().upstream();
        boolean sameModel = first.name().equals(next.name())
                && Objects.equals(target.model(), move.target().model());
        boolean sameTokenizer = first.tokenizer() != null && first.tokenizer().equals(next.tokenizer());
        // vLLM keeps back as many characters as a stop string has: what it sends lags behind its tokens.
        boolean lags = first.kind() == UpstreamKind.VLLM && asked.hasStops();
        return (sameModel || sameTokenizer)
                && first.kind().takesIds()
                && next.kind().takesIds()
                && !lags;
    }

    /** Nothing counts that the client has; whether that is nothing at all. */
    boolean beginsAnew() {
        text.setLength(0);
        ids.clear();
        return delivery.beginsAnew();
    }

    /** Where the answer comes from now. */
    Route route() {
        return now;
    }

    /** The answer goes on from there. */
    void goesOn(Move move, Method method) {
        now = move.to();
        target = move.target();
        repeats = 0;
        if (method == Method.BY_TEXT) {
            ids.areOfAnother();
        }
    }

    Onward onward(Reroute reroute, Phase phase, int tokens, int reroutes, Consumer<Move> begin) {
        if (reroutes >= route.reroutes()) {
            return refused(
                    RefusalReason.OTHER,
                    "it was tried " + reroutes + " times to go on elsewhere; the limit of route " + route.name()
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
        if (reroute.fromPrompt() && tokens > 0 && delivery.isWithClient()) {
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
        Predicate<Route.Target> suits = by -> kept == 0 || isKnownToGoOn(by);
        if (to.targets().stream().noneMatch(suits)) {
            return notKnownToGoOn(to.targets().get(0));
        }
        Route.Target target = exchange.face().backends().any(to, suits).orElse(null);
        if (target == null) {
            return refused(RefusalReason.NO_ROOM, "no upstream of route " + to.name() + " is up and has room");
        }
        Optional<String> objection = OnwardRequest.objection(asked, kept);
        if (objection.isPresent()) {
            return refused(RefusalReason.CALLER, objection.get());
        }
        Method method = kept == 0 ? Method.FROM_PROMPT : Method.BY_TEXT;
        return possible(to, target, to.name(), method, rest -> begin.accept(new Move(reroute, "", to, target, rest)));
    }

    /** On the same route, behind a text that ends its reasoning. */
    Onward conclusion(Conclude conclude, Phase phase, int tokens, int conclusions, Consumer<Move> begin) {
        if (!conclude.ids().isEmpty()) {
            return never("ids cannot be put behind an answer, a text can");
        }
        String forced = forced(conclude);
        if (forced.isEmpty()) {
            return never("route " + now.name()
                    + " has nothing of its own to CONCLUDE with: the command must bring a text, or the route its tags");
        }
        Optional<Objection> general = Concluding.objection(conclude, phase, conclusions);
        if (general.isPresent()) {
            return new Onward.Impossible(general.get());
        }
        Route.Target by = exchange.face().backends().of(target.upstream()).isUp()
                ? target
                : exchange.face().backends().any(now, this::isKnownToGoOn).orElse(null);
        if (by == null) {
            return refused(RefusalReason.NO_ROOM, "no upstream of route " + now.name() + " is up and has room");
        }
        Optional<String> objection = OnwardRequest.objection(asked, tokens);
        if (objection.isPresent()) {
            return refused(RefusalReason.CALLER, objection.get());
        }
        if (!isKnownToGoOn(by)) {
            return notKnownToGoOn(by);
        }
        Route to = now;
        return possible(
                to,
                by,
                to.name().equals(route.name()) ? asked.model() : to.name(),
                Method.BY_TEXT,
                rest -> begin.accept(new Move(conclude, forced, to, by, rest)));
    }

    private boolean isKnownToGoOn(Route.Target by) {
        return asked.endpoint() != Endpoint.CHAT || by.upstream().kind().goesOnWithAMessage();
    }

    private static Onward notKnownToGoOn(Route.Target by) {
        return never("engines of kind " + by.upstream().kind().configured()
                + " are not known to go on with a message that was begun");
    }

    /** @param model what its client, or a rule, calls the model */
    private Onward possible(Route to, Route.Target by, @Nullable String model, Method method, Consumer<Rest> begin) {
        ReadingOptions reading =
                ReadingOptions.of(asked, to, by.upstream(), asked.additions(by.upstream(), to.conclude()));
        return new Onward.Possible(
                Announcement.facts(exchange, asked, to, by.upstream(), reading, model), method, begin);
    }

    private String forced(Conclude conclude) {
        String text = conclude.text();
        Route.Thinking own = now.thinking();
        return text != null && !text.isEmpty() ? text : own == null ? "" : own.conclude();
    }

    private static Onward never(String sentence) {
        return new Onward.Impossible(Objection.unsupported(sentence));
    }

    private static Onward refused(RefusalReason reason, String sentence) {
        return new Onward.Impossible(Objection.refused(reason, sentence));
    }
}
