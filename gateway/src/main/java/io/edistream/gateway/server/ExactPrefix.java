package io.edistream.gateway.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.config.UpstreamKind;
import io.edistream.gateway.request.Asked;
import io.edistream.gateway.request.Endpoint;
import io.edistream.gateway.request.TokenizerQuestion;
import io.edistream.gateway.server.AnswerIds.Hole;
import io.vertx.core.Future;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds out the ids of an answer's prompt and of its tokens so far, while it flows. vLLM tells them all. llama.cpp does not tell those
 * of the prompt, nor of tokens that it shows only as a part of a character or behind a stop string that did not come: its tokenizer
 * is asked, and believed only where the number of tokens agrees, and the last id. Used on the gateway's event loop.
 */
final class ExactPrefix {

    private final Exchange exchange;
    private final Asked asked;
    private final Upstream engine;
    private final AnswerIds ids;
    private final int promptTokens;
    private final Runnable changed;
    private final String forcedText;
    private final @Nullable String model;
    private int @Nullable [] forced;
    private boolean asks;
    private boolean impossible;

    /**
     * @param engine whose answer it is so far
     * @param promptTokens of its prompt, as the engine counts them; -1 if it does not
     * @param forcedText what is put behind the answer; empty for nothing
     * @param changed is run when {@link #isKnown} or {@link #isImpossible} may be true
     */
    ExactPrefix(
            Exchange exchange,
            Asked asked,
            Upstream engine,
            AnswerIds ids,
            int promptTokens,
            String forcedText,
            Runnable changed) {
        this.exchange = exchange;
        this.asked = asked;
        this.engine = engine;
        this.ids = ids;
        this.promptTokens = promptTokens;
        this.forcedText = forcedText;
        this.changed = changed;
        model = exchange.modelAsked();
        forced = forcedText.isEmpty() ? new int[0] : null;
    }

    /** Whether the ids are those of the text so far. */
    boolean isKnown() {
        return ids.prompt() != null && forced != null && ids.areExact();
    }

    /** Whether they cannot be found out. */
    boolean isImpossible() {
        return impossible || ids.areUnknown();
    }

    /** Those of the prompt, once they are known. */
    int[] prompt() {
        return known(ids.prompt());
    }

    /** Those of what is put behind the answer, once they are known. */
    int[] forced() {
        return known(forced);
    }

    private static int[] known(int @Nullable [] ids) {
        if (ids == null) {
            throw new IllegalStateException("the ids are not known");
        }
        return ids;
    }

    /** Whether the answer to a question is awaited. */
    boolean asks() {
        return asks;
    }

    /** Asks for what is missing, unless that is asked already. */
    void find() {
        if (asks || isImpossible()) {
            return;
        }
        if (ids.prompt() == null) {
            ask(promptOf().map(told -> {
                ids.prompt(told);
                return null;
            }));
        } else if (forced == null) {
            ask(forcedIds().map(told -> {
                forced = told;
                return null;
            }));
        } else if (!ids.holes().isEmpty()) {
            ask(fill(ids.holes()));
        }
    }

    private void ask(Future<Void> question) {
        asks = true;
        question.onComplete(done -> {
            asks = false;
            impossible |= done.failed();
            changed.run();
        });
    }

    /** In one question, however many characters of several tokens an answer has. */
    private Future<Void> fill(List<Hole> holes) {
        return told(TokenizerQuestion.ofLlamaCpp(holes.stream().map(Hole::text).toList()))
                .compose(told -> ids.fill(holes, told)
                        ? Future.succeededFuture()
                        : Future.failedFuture(
                                new IOException("other tokens have the text of those that were not shown")));
    }

    private Future<int[]> promptOf() {
        if (engine.kind() != UpstreamKind.LLAMACPP) {
            return Future.failedFuture(new IOException("nobody tells the ids of the prompt"));
        }
        Future<String> text = asked.endpoint() == Endpoint.CHAT
                ? EngineQuestion.post(exchange, engine, TokenizerQuestion.TEMPLATE_PATH, asked.plain(null))
                        .map(said -> said.path("prompt").asText())
                : Future.succeededFuture(asked.promptText());
        return text.compose(prompted -> tokens(prompted, true, true)).compose(told -> {
            // What it read may not be what it reads now: then its own count is another.
            return promptTokens >= 0 && told.length != promptTokens
                    ? Future.failedFuture(
                            new IOException("the prompt has " + promptTokens + " tokens, not " + told.length))
                    : Future.succeededFuture(told);
        });
    }

    /** A tag may be a token of its own. */
    private Future<int[]> forcedIds() {
        return engine.kind() == UpstreamKind.LLAMACPP
                ? tokens(forcedText, false, true)
                : told(TokenizerQuestion.ofVllm(model, forcedText));
    }

    private Future<int[]> tokens(String text, boolean whole, boolean marks) {
        return told(TokenizerQuestion.ofLlamaCpp(text, whole, marks));
    }

    private Future<int[]> told(ObjectNode question) {
        byte[] body = question.toString().getBytes(UTF_8);
        return EngineQuestion.post(exchange, engine, TokenizerQuestion.PATH, body)
                .compose(said -> {
                    JsonNode list = said.path("tokens");
                    if (!list.isArray()) {
                        return Future.failedFuture(new IOException("no tokens are told"));
                    }
                    int[] told = new int[list.size()];
                    for (int i = 0; i < told.length; i++) {
                        if (!list.get(i).canConvertToInt() || list.get(i).intValue() < 0) {
                            return Future.failedFuture(new IOException("a token has no id"));
                        }
                        told[i] = list.get(i).intValue();
                    }
                    return Future.succeededFuture(told);
                });
    }
}
