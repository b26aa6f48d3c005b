package io.edistream.gateway.config;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A name that clients ask for, and who may answer.
 *
 * @param model the name; null for every name that no other route has
 * @param targets who may answer, at least one
 * @param watch share of the requests that are watched, 0 to 1
 * @param thinking tags around the reasoning inside the content; null if there are none
 * @param tellEnds whether an answer that a rule ended says so
 * @param heartbeats whether a client that waits for its first token is sent comments
 * @param samples samples that a request with a strategy may ask for, at most {@value #MAX_SAMPLES}; 0 if none may have one
 * @param reroutes how often an answer may go on with another route, at most {@value #MAX_REROUTES}; 0 for never
 * @param hold first tokens of a streamed answer that are kept back until rules have looked at them; 0 for none
 * @param fallsBack whether it goes on here if the other route cannot; otherwise its client gets an error
 * @param conclude how a rule may end the reasoning of an answer; null for not at all
 */
public record Route(
        @Nullable String model,
        List<Target> targets,
        double watch,
        @Nullable Thinking thinking,
        boolean tellEnds,
        boolean heartbeats,
        int samples,
        int reroutes,
        int hold,
        boolean fallsBack,
        @Nullable Conclude conclude) {

    /** How often an answer may go on elsewhere, whatever a configuration says. */
    public static final int MAX_REROUTES = 4;

    /** Samples of one request, whatever a configuration says. */
    public static final int MAX_SAMPLES = 32;

    /** Samples that a request may ask for where nothing else is said. */
    public static final int USUAL_SAMPLES = 8;

    /** Copies the list. */
    public Route {
        targets = List.copyOf(targets);
    }

    /** What events and metrics call it. */
    public String name() {
        return model == null ? "default" : model;
    }

    /**
     * One that may answer.
     *
     * @param upstream who
     * @param model what it calls the model; null for what the client wrote
     * @param weight share of the requests beside the other weights, at least 1
     */
    public record Target(Upstream upstream, @Nullable String model, int weight) {}

    /**
     * Tags around reasoning.
     *
     * @param open before it
     * @param close behind it
     * @param conclude what ends it before the model does, the closing tag included
     */
    public record Thinking(String open, String close, String conclude) {

        /** Reasoning that nothing ends but its closing tag. */
        public Thinking(String open, String close) {
            this(open, close, close);
        }
    }

    /** How reasoning is ended. */
    public enum Conclude {
        /** The engine forces the end, in the same stream: llama.cpp alone can. */
        ENGINE,
        /** The stream is closed, and the engine asked to go on behind a text that ends it. */
        TEXT;

        /** As it stands in a configuration. */
        public String configured() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
