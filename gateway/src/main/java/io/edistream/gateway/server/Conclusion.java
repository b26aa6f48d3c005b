package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.JsonNode;
import io.edistream.gateway.config.Route;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.reading.ChoicePassage;
import io.edistream.gateway.reading.Passage;
import io.edistream.gateway.reading.StreamReader;
import io.edistream.gateway.request.ReasoningEnd;
import io.edistream.gateway.watch.Forcing;
import io.edistream.sequences.Phase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of an answer's reasoning, which llama.cpp is asked to force while it streams: asked beside the stream, and through when the
 * stream shows something behind the reasoning. Used on the gateway's event loop.
 *
 * <p>Source: llama-server b11434. It says that it succeeds also where it has nothing to force, so that only the stream tells whether it
 * did.
 */
final class Conclusion {

    /** Tokens within which the reasoning must have ended once the engine has said that it forces the end. */
    static final int MAX_TOKENS_TO_END = 128;

    /** Whoever asked for several is refused. */
    private static final int CHOICE = 0;

    private static final Logger LOG = LoggerFactory.getLogger(Conclusion.class);

    private enum State {
        ASKING,
        FORCING,
        OVER
    }

    private final Exchange exchange;
    private final String route;
    private final Upstream upstream;
    private final StreamReader reader;
    private final Forcing forcing;
    private State state = State.ASKING;
    private boolean reasoningEnded;
    private boolean through;
    private int tokens;

    /**
     * @param route name of the route
     * @param upstream whose answer it is
     * @param reader what reads the answer
     * @param forcing is told how it went
     */
    Conclusion(Exchange exchange, String route, Upstream upstream, StreamReader reader, Forcing forcing) {
        this.exchange = exchange;
        this.route = route;
        this.upstream = upstream;
        this.reader = reader;
        this.forcing = forcing;
    }

    void begin() {
        String id = reader.id();
        if (id.isEmpty()) {
            failed("it has not said what it calls the answer");
            return;
        }
        EngineQuestion.post(exchange, upstream, ReasoningEnd.PATH, ReasoningEnd.body(id, exchange.modelAsked()))
                .onSuccess(this::heard)
                .onFailure(failure -> failed(String.valueOf(failure.getMessage())));
    }

    private void heard(JsonNode said) {
        if (state != State.ASKING) {
            return;
        }
        if (!said.path("success").asBoolean(false)) {
            failed("it said: " + said.path("message").asText("no"));
        } else if (reasoningEnded) {
            isThrough();
        } else {
            state = State.FORCING;
            reader.forcesEndOfReasoning(CHOICE, true);
        }
    }

    /** A piece of the answer was read. */
    void read(Passage passage) {
        if (state == State.OVER) {
            return;
        }
        reasoningEnded |= reader.phase(CHOICE) != Phase.THINKING;
        if (state == State.FORCING && reasoningEnded) {
            isThrough();
        } else if (state == State.FORCING) {
            for (ChoicePassage choice : passage.choices()) {
                tokens += choice.tokens().size();
            }
            if (tokens > MAX_TOKENS_TO_END) {
                reader.forcesEndOfReasoning(CHOICE, false);
                failed("it said that it does, and reasons on " + MAX_TOKENS_TO_END + " tokens later");
            }
        }
    }

    /** Whether the reasoning has ended, as it was asked to. */
    boolean hasConcluded() {
        return through;
    }

    private void isThrough() {
        over("concluded");
        through = true;
        forcing.isThrough();
    }

    private void failed(String how) {
        if (state == State.OVER) {
            return;
        }
        over("failed");
        String why = "upstream " + upstream.name() + " was asked to end the reasoning, and " + how;
        LOG.warn("Route {}: {}", route, why);
        forcing.isInVain(why);
    }

    /** The answer is over, whatever was to come of it. */
    void giveUp() {
        if (state != State.OVER) {
            over("ended_before");
        }
    }

    private void over(String outcome) {
        state = State.OVER;
        exchange.face().meters().concluded(route, Route.Conclude.ENGINE, outcome);
    }
}
