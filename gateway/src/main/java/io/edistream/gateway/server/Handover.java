package io.edistream.gateway.server;

import io.edistream.gateway.config.Route;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.config.UpstreamKind;
import io.edistream.gateway.reading.ChoicePassage;
import io.edistream.gateway.reading.EventReader;
import io.edistream.gateway.reading.Passage;
import io.edistream.gateway.reading.ReadingOptions;
import io.edistream.gateway.reading.ServerSentEvent;
import io.edistream.gateway.reading.StreamReader;
import io.edistream.gateway.request.Additions;
import io.edistream.gateway.request.Asked;
import io.edistream.gateway.request.OnwardRequest;
import io.edistream.gateway.server.Rerouting.Move;
import io.edistream.schemas.metrics.Metric;
import io.edistream.sequences.SamplingChange;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An answer on its way from one upstream to another. First the text flows on to where the ids of all its tokens are known, if both have
 * one vocabulary, and otherwise to a place between two words, since another vocabulary
 * cuts words otherwise; from there on what the first upstream sends is kept back, and the other one is asked to go on. When it does,
 * the first is closed and what was kept back forgotten; when it cannot, that is what goes on. Used on the gateway's event loop.
 */
final class Handover {

    /** Tokens within which there must be such a place. */
    static final int MAX_TOKENS_TO_CUT = 64;

    /** Of what is kept back. */
    static final int MAX_KEPT_BYTES = 1 << 20;

    /** llama.cpp has a slot with what it has read free again so long after a stream was closed. */
    private static final long SLOT_IS_FREE_MILLIS = 50;

    private enum State {
        SEEKING,
        ASKING,
        SERVING,
        OVER
    }

    private final Exchange exchange;
    private final StreamedAnswer answer;
    private final Rerouting rerouting;
    private final Asked asked;
    private final Route from;
    private final Upstream first;
    private final Move move;
    private final List<Passage> kept = new ArrayList<>();
    private @Nullable ExactPrefix exact;
    private State state = State.SEEKING;
    private int keptBytes;
    private int keptTokens;
    private int sought;
    private boolean firstClosed;
    private boolean firstEnded;
    private long timer = -1;
    private @Nullable UpstreamCall call;

    Handover(StreamedAnswer answer, Rerouting rerouting, Upstream first, Move move) {
        this.answer = answer;
        this.rerouting = rerouting;
        exchange = rerouting.exchange();
        asked = rerouting.asked();
        from = rerouting.route();
        this.first = first;
        this.move = move;
    }

    /** Begins; where the client has nothing that is to be kept, at once. */
    void begin() {
        if (move.fromPrompt()
                && rerouting.ids().size() > 0
                && rerouting.delivery().isWithClient()) {
            // Let go since the command was looked at.
            cannot("too_late");
        } else if (move.needsReasoning() && !answer.isReasoning()) {
            cannot("ended_before");
        } else if (move.fromPrompt() || (!move.concludes() && rerouting.text().isEmpty())) {
            cut();
        } else if (rerouting.sharesIds(move)) {
            exact = new ExactPrefix(
                    exchange,
                    asked,
                    first,
                    rerouting.ids(),
                    answer.choices().promptTokens(),
                    move.forced(),
                    this::told);
            seek();
        } else {
            requireText();
        }
    }

    /** From now on the text alone says where to go on. */
    private void requireText() {
        exact = null;
        sought = 0;
        letGo();
        if (rerouting.reasonsApart() && move.concludes()) {
            cannot("failed");
        }
    }

    /** A question about ids has its answer. */
    private void told() {
        seek();
        answer.flush();
    }

    /** Where the ids of all that the client has are known, the next token may be anybody's. */
    private void seek() {
        ExactPrefix prefix = exact;
        if (state != State.SEEKING || prefix == null) {
            return;
        }
        if (prefix.isImpossible() || sought > MAX_TOKENS_TO_CUT || keptTokens >= MAX_TOKENS_TO_CUT) {
            requireText();
        } else if (prefix.isKnown() && !isWithinTag()) {
            cut();
        } else {
            prefix.find();
        }
    }

    /** Whether a piece of the first upstream is not the client's now. */
    boolean keeps(Passage passage) {
        if (state == State.SEEKING) {
            if (passage.error() != null || finishes(passage) || (move.needsReasoning() && !answer.isReasoning())) {
                endsBefore();
                return false;
            }
            seek();
            if (waitsForIds()) {
                keep(passage);
                return true;
            }
            for (ChoicePassage choice : passage.choices()) {
                sought += choice.tokens().size();
                if (state == State.SEEKING
                        && exact == null
                        && isPlaceToCut(answer.unseen(choice).text())) {
                    cut();
                }
            }
            if (state == State.SEEKING && exact == null && sought > MAX_TOKENS_TO_CUT) {
                cannot("no_boundary");
            }
        }
        if (state == State.ASKING) {
            keep(passage);
            return true;
        }
        return false;
    }

    /** Whether the first upstream's end is not the answer's now. */
    boolean keepsEnd() {
        if (state == State.SEEKING) {
            endsBefore();
        }
        firstEnded = true;
        return state == State.ASKING;
    }

    /**
     * Whether all that is missing has been asked for: then the answer waits, for as many tokens as it would look for a place to cut,
     * since with each character of several tokens there would be more to ask for.
     */
    private boolean waitsForIds() {
        ExactPrefix prefix = exact;
        return state == State.SEEKING
                && prefix != null
                && prefix.asks()
                && rerouting.ids().areOfAWholeText()
                && keptTokens < MAX_TOKENS_TO_CUT;
    }

    /** What has waited for ids flows on, and may be cut as a text. */
    private void letGo() {
        for (Passage passage : takeKept()) {
            if (!keeps(passage)) {
                answer.deliver(passage);
            }
        }
    }

    private List<Passage> takeKept() {
        List<Passage> waited = List.copyOf(kept);
        kept.clear();
        keptBytes = 0;
        keptTokens = 0;
        return waited;
    }

    private void endsBefore() {
        cannot("ended_before");
        takeKept().forEach(answer::deliver);
    }

    private static boolean finishes(Passage passage) {
        return passage.choices().stream().anyMatch(choice -> choice.finish() != null);
    }

    private boolean isPlaceToCut(String more) {
        return isBetweenWords(rerouting.text(), more) && !isWithinTag();
    }

    /** Whether the text may end with a part of the tag that is to be put behind it. */
    private boolean isWithinTag() {
        Route.Thinking tags = from.thinking();
        return move.concludes()
                && tags != null
                && endsWithPartOf(tags.close(), rerouting.text().toString());
    }

    private static boolean endsWithPartOf(String tag, String text) {
        for (int length = 1; length < tag.length(); length++) {
            if (text.endsWith(tag.substring(0, length))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isBetweenWords(CharSequence text, String more) {
        return !more.isEmpty()
                && Character.isWhitespace(more.charAt(0))
                && text.length() > 0
                && !Character.isWhitespace(text.charAt(text.length() - 1));
    }

    private void keep(Passage passage) {
        kept.add(passage);
        for (ChoicePassage choice : passage.choices()) {
            keptTokens += choice.tokens().size();
        }
        byte[] bytes = passage.bytes();
        keptBytes += bytes == null ? 0 : bytes.length;
        if (keptBytes > MAX_KEPT_BYTES) {
            failed("has not answered before " + MAX_KEPT_BYTES + " bytes of the first answer were kept back");
        }
    }

    private void cut() {
        state = State.ASKING;
        Upstream next = move.target().upstream();
        boolean same = next.name().equals(first.name());
        if (same || !from.fallsBack()) {
            firstClosed = true;
            exchange.dropUpstream();
        }
        Duration patience = exchange.face().config().limits().firstByte();
        timer = exchange.face()
                .vertx()
                .setTimer(
                        Math.max(1, patience.toMillis()),
                        due -> failed("has not answered within " + patience.toSeconds() + " s"));
        if (same && first.kind() == UpstreamKind.LLAMACPP) {
            long unused = exchange.face().vertx().setTimer(SLOT_IS_FREE_MILLIS, free -> ask(next));
        } else {
            ask(next);
        }
    }

    private void ask(Upstream next) {
        if (state != State.ASKING) {
            return;
        }
        OnwardRequest onward;
        try {
            onward = onward(next);
        } catch (IllegalStateException e) {
            failed("cannot be asked: " + e.getMessage());
            return;
        }
        Additions additions = onward.asked().additions(next, move.to().conclude());
        // There is no second try that would mend it if the connection was a stale one.
        UpstreamCall asks = new UpstreamCall(exchange, next, true, new UpstreamCall.Listener() {
            @Override
            public void answered(HttpClientResponse response) {
                Handover.this.answered(response, next, additions, onward);
            }

            @Override
            public void failed(boolean sent) {
                Handover.this.failed(sent ? "broke off before it answered" : "cannot be reached");
            }
        });
        call = asks;
        asks.send(
                HttpMethod.POST,
                onward.asked().endpoint() == asked.endpoint()
                        ? exchange.pathAndQuery()
                        : onward.asked().endpoint().path(),
                exchange.id().text(),
                false,
                onward.asked().with(additions, next, move.target().model()));
    }

    private OnwardRequest onward(Upstream next) {
        SamplingChange sampling = move.sampling();
        ExactPrefix prefix = exact;
        if (prefix != null) {
            return OnwardRequest.byIds(asked, prefix.prompt(), rerouting.ids().ids(), prefix.forced(), sampling);
        }
        return move.fromPrompt() || rerouting.text().isEmpty()
                ? OnwardRequest.fromPrompt(asked, sampling)
                : OnwardRequest.byText(
                        asked,
                        next,
                        rerouting.text() + move.forced(),
                        rerouting.ids().size(),
                        sampling);
    }

    private void answered(HttpClientResponse response, Upstream next, Additions additions, OnwardRequest onward) {
        response.exceptionHandler(failure -> ends(response));
        if (response.statusCode() != 200 || !ClientResponse.isEventStream(response)) {
            failed("answered with status " + response.statusCode());
            return;
        }
        StreamedAnswer.Leg leg = new StreamedAnswer.Leg(
                next,
                response,
                new EventReader(exchange.face().config().limits().eventBytes()),
                new StreamReader(
                        ReadingOptions.of(onward.asked(), move.to(), next, additions),
                        asked.endpoint(),
                        onward.tokens() == 0 ? "" : rerouting.text() + move.forced()));
        response.handler(bytes -> {
            byte[] read = bytes.getBytes();
            if (state == State.ASKING) {
                leg.events().read(read, 0, read.length, event -> begins(event, leg, onward));
                answer.flush();
            } else if (state == State.SERVING) {
                answer.read(response, read);
            }
        });
        response.endHandler(end -> ends(response));
    }

    private void ends(HttpClientResponse response) {
        if (state == State.ASKING) {
            failed("ended before it went on");
        } else if (state == State.SERVING) {
            answer.endsOf(response);
        }
    }

    private void begins(ServerSentEvent event, StreamedAnswer.Leg leg, OnwardRequest onward) {
        if (state == State.SERVING) {
            answer.take(event);
        }
        if (state != State.ASKING || !event.hasData()) {
            return;
        }
        Passage passage = leg.reader().read(event);
        if (passage.error() != null || passage.isDone()) {
            failed(passage.isDone() ? "ended before it went on" : "refused");
            return;
        }
        UpstreamCall by = call;
        if (by == null) {
            throw new IllegalStateException("nobody was asked");
        }
        over(State.SERVING);
        // First: the first one's end, which follows, is nobody's any more.
        answer.isServedBy(leg);
        if (!firstClosed) {
            exchange.dropUpstream();
        }
        exchange.isServedBy(move.target(), by);
        count(move.concludes() ? "concluded" : Metric.label(onward.method().name()));
        answer.goesOn(move, onward, first, keptTokens, passage);
    }

    /** It is not under way any more. */
    private void over(State now) {
        state = now;
        if (timer >= 0) {
            exchange.face().vertx().cancelTimer(timer);
        }
        answer.isNotUnderWay();
    }

    private void cannot(String why) {
        over(State.OVER);
        count(why);
        move.rest().cannot();
    }

    private void count(String outcome) {
        Meters meters = exchange.face().meters();
        if (move.concludes()) {
            meters.concluded(from.name(), Route.Conclude.TEXT, outcome);
        } else {
            meters.rerouted(from.name(), move.to().name(), outcome);
        }
    }

    /** The other upstream cannot go on. */
    private void failed(String how) {
        if (state != State.ASKING) {
            return;
        }
        // First: what follows may report failures of what is dropped.
        cannot("failed");
        drop();
        if (firstClosed) {
            exchange.loseAnswer(ApiError.unreachable("the answer was to go on "
                    + (move.concludes()
                            ? "behind its reasoning"
                            : "with route " + move.to().name())
                    + ", and upstream "
                    + move.target().upstream().name() + " " + how));
            return;
        }
        kept.forEach(answer::deliver);
        if (firstEnded) {
            answer.ends();
        }
        answer.flush();
    }

    /** Nobody waits for the other upstream any more. */
    private void drop() {
        UpstreamCall asks = call;
        call = null;
        if (asks != null) {
            asks.drop();
        }
    }

    /** The answer is over, whatever was to come of it. */
    void giveUp() {
        if (state == State.SEEKING || state == State.ASKING) {
            cannot("ended_before");
            drop();
        }
    }
}
