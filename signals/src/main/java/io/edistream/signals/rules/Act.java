package io.edistream.signals.rules;

import java.io.Serializable;
import java.util.Map;

/** What a rule wants done with a sequence. */
public sealed interface Act extends Serializable {

    /** The largest number of children or samples that one command starts. */
    int MAX_STARTED = 16;

    /** The longest text to force, characters. */
    int MAX_TEXT_CHARACTERS = 1_000;

    /** The longest name of a route or of a value of sampling, characters. */
    int MAX_NAME_CHARACTERS = 256;

    /** The most values of sampling that one command changes. */
    int MAX_CHANGES = 16;

    /**
     * Whether it ends the sequence as it is. Such an act is worth saying again while its reason lasts; the others would
     * do more with every repeat and are said when their reason begins.
     */
    boolean ends();

    /**
     * Whether it would change anything for a sequence of this route. If not, its rule is not asked, in shadow neither.
     */
    default boolean concerns(String sequenceRoute) {
        return true;
    }

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
     * @param forcedText what to force, at most {@value #MAX_TEXT_CHARACTERS} characters, empty for the source's own
     */
    record Conclude(String forcedText) implements Act {

        /**
         * @throws IllegalArgumentException if the text is too long
         */
        public Conclude {
            if (forcedText.length() > MAX_TEXT_CHARACTERS) {
                throw new IllegalArgumentException("text of " + forcedText.length()
                        + " characters to force: must be at most " + MAX_TEXT_CHARACTERS);
            }
        }

        @Override
        public boolean ends() {
            return true;
        }
    }

    /**
     * Continue the request elsewhere.
     *
     * @param route where, 1 to {@value #MAX_NAME_CHARACTERS} characters
     * @param fromPrompt begin again instead of going on from what was generated
     */
    record Reroute(String route, boolean fromPrompt) implements Act {

        /**
         * @throws IllegalArgumentException if it names no route
         */
        public Reroute {
            requireName("route", route);
        }

        @Override
        public boolean ends() {
            return true;
        }

        @Override
        public boolean concerns(String sequenceRoute) {
            return !route.equals(sequenceRoute);
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
     * @param changes new values by name: temperature, top_k, top_p, min_p, or a name that the engine knows; 1 to
     *     {@value #MAX_CHANGES}, finite, and top_k a whole number
     */
    record SetSampling(Map<String, Double> changes) implements Act {

        /**
         * @throws IllegalArgumentException if a bound is violated
         */
        public SetSampling {
            changes = Map.copyOf(changes);
            if (changes.isEmpty() || changes.size() > MAX_CHANGES) {
                throw new IllegalArgumentException(
                        "change of " + changes.size() + " values of sampling: must be 1 to " + MAX_CHANGES);
            }
            changes.forEach(SetSampling::requirePossible);
        }

        private static void requirePossible(String name, double value) {
            requireName("sampling", name);
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException(name + " " + value + ": must be a finite number");
            }
            if (name.equals("top_k") && (value < 0 || value != (int) value)) {
                throw new IllegalArgumentException("top_k " + value + ": must be a whole number, at least 0");
            }
        }

        @Override
        public boolean ends() {
            return false;
        }
    }

    private static void requireName(String what, String name) {
        if (name.isBlank() || name.length() > MAX_NAME_CHARACTERS) {
            throw new IllegalArgumentException(
                    "name '" + name.substring(0, Math.min(name.length(), MAX_NAME_CHARACTERS)) + "' of a " + what
                            + ": must be 1 to " + MAX_NAME_CHARACTERS + " characters");
        }
    }

    private static void requireStarted(String what, int started) {
        if (started < 1 || started > MAX_STARTED) {
            throw new IllegalArgumentException(what + " " + started + ": must be 1 to " + MAX_STARTED);
        }
    }
}
