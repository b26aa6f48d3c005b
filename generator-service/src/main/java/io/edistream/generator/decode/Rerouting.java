package io.edistream.generator.decode;

import io.edistream.sequences.Continuation.Method;
import io.edistream.sequences.Objection;
import io.edistream.sequences.RefusalReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** How a running sequence could go on on another route. */
sealed interface Rerouting {

    /**
     * It can.
     *
     * @param target the other route
     * @param prompt what is read there before the first token
     * @param carried tokens at the end of the prompt that were generated before
     * @param method how exact that is
     * @param sharedTokens generated tokens of the sequence that the prompt stands for
     * @param maxNewTokens tokens that may be generated there
     */
    record Possible(
            RouteDecoder target,
            List<Integer> prompt,
            List<Integer> carried,
            Method method,
            int sharedTokens,
            int maxNewTokens)
            implements Rerouting {}

    /** It cannot. */
    record Impossible(Objection objection) implements Rerouting {}

    /** Changes nothing. */
    static Rerouting of(LiveSequence sequence, RouteDecoder target, boolean fromPrompt) {
        try {
            return checked(
                    fromPrompt ? fromPrompt(sequence, target) : fromText(sequence, target),
                    sequence.request().sampling().logitBias().keySet());
        } catch (Inexact e) {
            return new Impossible(Objection.refused(RefusalReason.NOT_EXACT, e.getMessage()));
        }
    }

    private static Rerouting checked(Possible plan, Set<Integer> biased) {
        try {
            plan.target.requireKnown(plan.prompt);
            plan.target.requireKnown(biased);
            plan.target.requireFits(plan.prompt.size(), plan.maxNewTokens);
            return plan;
        } catch (IllegalArgumentException e) {
            return new Impossible(Objection.refused(RefusalReason.NO_ROOM, e.getMessage()));
        }
    }

    private static Possible fromPrompt(LiveSequence sequence, RouteDecoder target) {
        return new Possible(
                target,
                promptOn(sequence, target),
                List.of(),
                Method.FROM_PROMPT,
                0,
                sequence.request().maxNewTokens());
    }

    private static Possible fromText(LiveSequence sequence, RouteDecoder target) {
        int generated = sequence.tokens().size();
        boolean sameWords = hasSameWords(sequence, target);
        List<Integer> carried = sequence.generated();
        if (!sameWords) {
            carried = recut(sequence, target, carried);
        }
        List<Integer> prompt = new ArrayList<>(promptOn(sequence, target));
        prompt.addAll(carried);
        return new Possible(
                target,
                prompt,
                carried,
                sameWords ? Method.BY_IDS : Method.BY_TEXT,
                generated,
                sequence.request().maxNewTokens() - generated);
    }

    /** The ids that another tokenizer makes of what was generated, if that says the same. */
    private static List<Integer> recut(LiveSequence sequence, RouteDecoder target, List<Integer> generated) {
        String text = sequence.start().route().tokenizer().decode(generated);
        Tokenizer words = target.route().tokenizer();
        List<Integer> ids;
        try {
            ids = words.encode(text);
        } catch (IllegalArgumentException e) {
            throw new Inexact("what was generated cannot be put into tokens of route "
                    + target.route().name() + ": " + e.getMessage());
        }
        if (!words.decode(ids).equals(text)) {
            throw new Inexact("what was generated does not survive being cut into tokens of route "
                    + target.route().name());
        }
        return ids;
    }

    private static List<Integer> promptOn(LiveSequence sequence, RouteDecoder target) {
        Prompt prompt = sequence.request().prompt();
        if (prompt instanceof Prompt.Tokens && !hasSameWords(sequence, target)) {
            throw new Inexact("the prompt was given as token ids, which mean something else on route "
                    + target.route().name());
        }
        if (!sequence.request().sampling().logitBias().isEmpty() && !hasSameWords(sequence, target)) {
            throw new Inexact("the bias was given for token ids, which mean something else on route "
                    + target.route().name());
        }
        try {
            return target.route().encode(prompt);
        } catch (IllegalArgumentException e) {
            throw new Inexact("the prompt cannot be put into tokens of route "
                    + target.route().name() + ": " + e.getMessage());
        }
    }

    private static boolean hasSameWords(LiveSequence sequence, RouteDecoder target) {
        return sequence.start()
                .route()
                .tokenizer()
                .vocabulary()
                .equals(target.route().tokenizer().vocabulary());
    }

    /** It would not be a continuation of what was generated. */
    final class Inexact extends RuntimeException {
        private static final long serialVersionUID = 1;

        private Inexact(String message) {
            super(message);
        }
    }
}
