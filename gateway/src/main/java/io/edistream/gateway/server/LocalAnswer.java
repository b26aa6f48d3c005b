package io.edistream.gateway.server;

import io.edistream.gateway.engine.TokenEngine;
import io.edistream.gateway.request.LocalAsked;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.TokenListener;
import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An answer that an engine in this process generates, on its way to the client. Used on the gateway's event loop. */
final class LocalAnswer {

    private final LocalExchange exchange;
    private final LocalAsked asked;
    private final AnswerShape shape;
    private final int limit;

    /** By the number of the choice's first sequence, in order. */
    private final Map<Long, LocalChoice> choices = new LinkedHashMap<>();

    private int running;
    private int promptTokens;

    /**
     * @param handles the choices in order
     * @param limit bytes, about, that an answer in one piece may have
     */
    LocalAnswer(
            LocalExchange exchange,
            LocalAsked asked,
            TokenEngine engine,
            List<GenerationHandle> handles,
            AnswerShape shape,
            int limit) {
        this.exchange = exchange;
        this.asked = asked;
        this.shape = shape;
        this.limit = limit;
        for (GenerationHandle handle : handles) {
            choices.put(
                    handle.counter(),
                    new LocalChoice(choices.size(), asked.logprobs() ? new Logprobs(engine, asked.endpoint()) : null));
        }
        running = choices.size();
    }

    /** Tokens of the prompt; 0 before the first choice has ended. */
    int promptTokens() {
        return promptTokens;
    }

    /** Tokens of all choices so far. */
    int completionTokens() {
        return choices.values().stream().mapToInt(LocalChoice::tokens).sum();
    }

    /** What came since the last time. */
    void take(List<Heard> heard) {
        for (Heard one : heard) {
            if (one instanceof Heard.News told) {
                hear(told.news());
            } else if (!ends((Heard.End) one)) {
                return;
            }
        }
        if (asked.streams()) {
            flush();
        } else if (choices.values().stream().mapToLong(LocalChoice::keptBytes).sum() > limit) {
            exchange.refuse(ApiError.badRequest("the answer has more than the " + limit
                    + " bytes that are allowed in one piece: ask for a stream, or for fewer tokens, choices or"
                    + " log-probabilities"));
        } else if (running == 0) {
            exchange.answer(200, shape.whole(choices.values(), promptTokens, completionTokens()));
        }
    }

    private void hear(TokenListener.News news) {
        LocalChoice choice = choices.get(news.generation().counter());
        if (choice != null) {
            if (!news.tokens().isEmpty()) {
                exchange.firstToken(news.route());
            }
            choice.hear(news);
        }
    }

    /** False if that is the end of the whole answer, and no good one. */
    private boolean ends(Heard.End end) {
        if (end.reason() == EndReason.ERROR) {
            exchange.refuse(ApiError.failed("the engine failed while it generated the answer"));
            return false;
        }
        if (end.reason() == EndReason.CANCELLED) {
            exchange.refuse(ApiError.unavailable("the engine is being stopped"));
            return false;
        }
        LocalChoice choice = choices.get(end.choice());
        if (choice != null && choice.end(end.reason())) {
            promptTokens = end.promptTokens();
            running--;
        }
        return true;
    }

    private void flush() {
        Buffer out = Buffer.buffer();
        for (LocalChoice choice : choices.values()) {
            if ((choice.hasNews() || choice.isOver()) && choice.begins()) {
                shape.begin(out, choice);
            }
            // An event has one notice.
            while (choice.hasNews()) {
                shape.news(out, choice);
            }
            if (choice.ends()) {
                shape.end(out, choice);
            }
        }
        if (running == 0) {
            shape.done(out, promptTokens, completionTokens());
        }
        if (out.length() > 0) {
            exchange.write(out);
        }
        if (running == 0) {
            exchange.complete();
        }
    }
}
