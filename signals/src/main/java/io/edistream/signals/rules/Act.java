package io.edistream.signals.rules;

import java.io.Serializable;
import java.util.Map;

/** What a rule wants done with a sequence. */
public sealed interface Act extends Serializable {

    /** The largest number of children or samples that one command starts. */
    int MAX_STARTED = 16;

    /**
     * Whether it ends the sequence as it is. Such an act is worth saying again while its reason lasts; the others would
     * do more with every repeat and are said when their reason begins.
     */
    boolean ends();

    /**
     * Stop the sequence.
     *
     * @param spareLast do nothing if no other sequence of the prompt group runs or has finished by itself
     */
    record Abort(boolean spareLast) implements Act {
        @Override
        public boolean ends() {
            return true;
        }
    }

    /** Stop the sequence as the weakest of its group, never the last one. */
    record Prune() implements Act {
        @Override
        public boolean ends() {
            return true;
        }
    }

    /**
     * End its thinking and let it answer.
     *
     * @param forcedText what to force, empty for the source's own
     */
    record Conclude(String forcedText) implements Act {
        @Override
        public boolean ends() {
            return true;
        }
    }

    /**
     * Continue the request elsewhere.
     *
     * @param route where
     * @param fromPrompt begin again instead of going on from what was generated
     */
    record Reroute(String route, boolean fromPrompt) implements Act {
        @Override
        public boolean ends() {
            return true;
        }
    }

    /**
     * Fork the sequence at the deciding token.
     *
     * @param width children to start, 1 to {@value #MAX_STARTED}
     * @param maxLeaves sequences that the prompt group may have started in all, 0 for no limit
     */
    record Branch(int width, int maxLeaves) implements Act {

        /**
         * @throws IllegalArgumentException if a bound is violated
         */
        public Branch {
            requireStarted("width", width);
            if (maxLeaves < 0) {
                throw new IllegalArgumentException("leaves " + maxLeaves + ": must be at least 0");
            }
        }

        @Override
        public boolean ends() {
            return false;
        }
    }

    /**
     * Start more samples of the group.
     *
     * @param samples how many, 1 to {@value #MAX_STARTED}
     */
    record Start(int samples) implements Act {

        /**
         * @throws IllegalArgumentException if the bound is violated
         */
        public Start {
            requireStarted("samples", samples);
        }

        @Override
        public boolean ends() {
            return false;
        }
    }

    /**
     * Change how the next tokens are drawn.
     *
     * @param changes new values by name: temperature, top_k, top_p, min_p, or a name that the engine knows
     */
    record SetSampling(Map<String, Double> changes) implements Act {

        /**
         * @throws IllegalArgumentException if nothing is changed
         */
        public SetSampling {
            changes = Map.copyOf(changes);
            if (changes.isEmpty()) {
                throw new IllegalArgumentException("a change of sampling must change something");
            }
        }

        @Override
        public boolean ends() {
            return false;
        }
    }

    private static void requireStarted(String what, int started) {
        if (started < 1 || started > MAX_STARTED) {
            throw new IllegalArgumentException(what + " " + started + ": must be 1 to " + MAX_STARTED);
        }
    }
}
