package io.edistream.signals.groups;

/** When the next samples of a prompt start, and which vote is enough. */
public sealed interface Strategy {

    /**
     * Samples that should start beside those that run, at least 0.
     *
     * @param running samples that run, at least 0
     */
    int wanted(int running);

    /**
     * Whether the vote is enough however the running samples will answer.
     *
     * @param running samples that may still vote, at least 0
     */
    boolean isEnough(Votes votes, int running);

    /** As many as there may be, at once; no vote is enough before it is decided. */
    record AllAtOnce() implements Strategy {
        @Override
        public int wanted(int running) {
            return Votes.MAX_SAMPLES;
        }

        @Override
        public boolean isEnough(Votes votes, int running) {
            return false;
        }
    }

    /**
     * One after another, until some agree.
     *
     * @param agree equal answers that are enough, 1 to {@value Votes#MAX_SAMPLES}
     */
    record OneByOne(int agree) implements Strategy {

        /**
         * @throws IllegalArgumentException if the bound is violated
         */
        public OneByOne {
            require("samples that agree", agree);
        }

        @Override
        public int wanted(int running) {
            return running == 0 ? 1 : 0;
        }

        @Override
        public boolean isEnough(Votes votes, int running) {
            return votes.most() >= agree;
        }
    }

    /**
     * Some at a time, until one answer leads.
     *
     * @param width samples of a wave, 1 to {@value Votes#MAX_SAMPLES}
     * @param lead votes by which the leading answer must be ahead at the end of a wave, 1 to {@value Votes#MAX_SAMPLES}
     */
    record Waves(int width, int lead) implements Strategy {

        /**
         * @throws IllegalArgumentException if a bound is violated
         */
        public Waves {
            require("samples of a wave", width);
            require("votes of lead", lead);
        }

        @Override
        public int wanted(int running) {
            return running == 0 ? width : 0;
        }

        @Override
        public boolean isEnough(Votes votes, int running) {
            return votes.lead() - running >= lead;
        }
    }

    private static void require(String what, int value) {
        if (value < 1 || value > Votes.MAX_SAMPLES) {
            throw new IllegalArgumentException(value + " " + what + ": must be 1 to " + Votes.MAX_SAMPLES);
        }
    }
}
