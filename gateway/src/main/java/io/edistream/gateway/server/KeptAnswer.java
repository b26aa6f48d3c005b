package io.edistream.gateway.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.config.UpstreamKind;
import io.edistream.gateway.reading.ChoicePassage;
import io.edistream.gateway.request.Endpoint;
import io.edistream.gateway.samples.SampleSignal;
import io.edistream.gateway.samples.Signal;
import io.vertx.core.http.HttpClientResponse;
import java.util.Set;

/** The answer of a sample, kept until it is chosen or not. Used on the gateway's event loop. */
final class KeptAnswer {

    private final HttpClientResponse head;
    private final AnswerTree tree;
    private final SampleSignal signal;
    private int promptTokens;
    private int counted;
    private int decoded;

    KeptAnswer(HttpClientResponse head, Endpoint endpoint, UpstreamKind kind, Signal signal) {
        this.head = head;
        tree = new AnswerTree(endpoint, kind);
        this.signal = new SampleSignal(signal);
    }

    void event(byte[] event, Set<Integer> hidden) {
        tree.take(event, hidden);
    }

    void part(ChoicePassage part) {
        signal.add(part.tokens());
        decoded += part.tokens().size();
    }

    void usage(int prompt, int completion) {
        promptTokens = prompt;
        counted = completion;
    }

    HttpClientResponse head() {
        return head;
    }

    /** Of the prompt, as the upstream says; not above 0 if it does not. */
    int promptTokens() {
        return promptTokens;
    }

    /** Those that came, or that the upstream says it has decoded. */
    int completionTokens() {
        return Math.max(decoded, counted);
    }

    /** Bytes of its events so far. */
    int bytes() {
        return tree.bytes();
    }

    /** Score of the signal that samples are compared by; NaN if nothing was measured. */
    double score() {
        return signal.score();
    }

    /** The text so far. */
    String text() {
        return tree.text(0);
    }

    /** Why the engine ended it, in its word; empty if it has not. */
    String finish() {
        return tree.choice(0).path("finish_reason").asText("");
    }

    /** All of it as one body. */
    ObjectNode body() {
        return tree.whole();
    }
}
