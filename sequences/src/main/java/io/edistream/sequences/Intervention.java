package io.edistream.sequences;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What can be done to a running sequence. */
public sealed interface Intervention {

    /** What an engine must be able to do for it. */
    Ability ability();

    /**
     * Stop it and free its slot.
     *
     * @param reason what it then has ended for
     * @param rule which rule asks for it
     * @param because the rule's reason, one sentence for people
     */
    record Stop(EndReason reason, String rule, String because) implements Intervention {
        @Override
        public Ability ability() {
            return Ability.STOP;
        }
    }

    /**
     * Fork it: each child keeps the tokens before {@code atToken} and takes another token there.
     *
     * @param atToken index of the first token that the children decode themselves
     * @param width how many children to start, at most
     */
    record Branch(int atToken, int width) implements Intervention {
        @Override
        public Ability ability() {
            return Ability.BRANCH;
        }
    }

    /**
     * Force tokens, for instance the end of thinking and the beginning of an answer, and let it go on from there.
     *
     * @param text what to force; null for what its route has for this
     * @param ids the same as token ids, which win over the text; may be empty
     * @param rule which rule asks for it
     * @param because the rule's reason, one sentence for people
     */
    record Conclude(@Nullable String text, List<Integer> ids, String rule, String because) implements Intervention {

        /** Copies the list. */
        public Conclude {
            ids = List.copyOf(ids);
        }

        /** Whether the source's own text is to be forced. */
        public boolean isOwn() {
            return ids.isEmpty() && (text == null || text.isEmpty());
        }

        @Override
        public Ability ability() {
            return Ability.CONCLUDE;
        }
    }

    /**
     * End it and continue its generation on another route.
     *
     * @param route name of the route
     * @param fromPrompt whether to begin again from the prompt instead of going on from what was generated
     * @param sampling what to draw otherwise there
     * @param rule which rule asks for it
     * @param because the rule's reason, one sentence for people
     */
    record Reroute(String route, boolean fromPrompt, SamplingChange sampling, String rule, String because)
            implements Intervention {
        @Override
        public Ability ability() {
            return Ability.REROUTE;
        }
    }

    /**
     * Draw its next tokens otherwise.
     *
     * @param sampling what changes
     */
    record SetSampling(SamplingChange sampling) implements Intervention {
        @Override
        public Ability ability() {
            return Ability.SET_SAMPLING;
        }
    }

    /**
     * Start more samples of its group.
     *
     * @param samples how many, at least 1
     * @param sampling what to draw otherwise in them
     */
    record Start(int samples, SamplingChange sampling) implements Intervention {
        @Override
        public Ability ability() {
            return Ability.START;
        }
    }
}
