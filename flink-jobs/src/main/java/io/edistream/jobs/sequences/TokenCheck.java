package io.edistream.jobs.sequences;

import io.edistream.jobs.events.Run;
import io.edistream.jobs.sequences.SequenceState.Live;
import io.edistream.signals.Token;

/** Says whether a token's values are possible ones for its sequence. */
final class TokenCheck {

    /** How far above ln V an entropy may lie: generators compute in single precision. Our choice. */
    static final double ENTROPY_TOLERANCE_NATS = 1e-3;

    private TokenCheck() {}

    /** The largest entropy that a vocabulary allows, nats. */
    static double maxEntropy(int vocabularySize) {
        // StrictMath, since the value is computed again after a restore and must be the same on every machine.
        return StrictMath.log(vocabularySize);
    }

    /** Whether the run's token {@code i} has possible values. Asked of every token, so it builds no message. */
    static boolean isPossible(Run run, int i, Live live) {
        return entropyIsPossible(run, i, live)
                && logprobIsPossible(run, i)
                && confidenceIsPossible(run, i)
                && classIsKnown(run, i, live);
    }

    private static boolean entropyIsPossible(Run run, int i, Live live) {
        return Token.isPossibleEntropy(run.entropy(i)) && !(run.entropy(i) > limit(live));
    }

    private static boolean logprobIsPossible(Run run, int i) {
        return Token.isPossibleLogprob(run.logprob(i));
    }

    private static boolean confidenceIsPossible(Run run, int i) {
        return Token.isPossibleConfidence(run.confidence(i));
    }

    private static boolean classIsKnown(Run run, int i, Live live) {
        return run.tokenClass(i) >= 0 && run.tokenClass(i) < live.tokenClasses();
    }

    private static double limit(Live live) {
        return live.monitor().info().maxEntropyNats() + ENTROPY_TOLERANCE_NATS;
    }

    /** What is wrong with the run's token {@code i}, which has impossible values, as the beginning of a sentence. */
    static String problem(Run run, int i, Live live) {
        if (!entropyIsPossible(run, i, live)) {
            return "entropy " + run.entropy(i) + at(run, i) + "must be 0 to " + limit(live) + " nats, ln of the "
                    + live.vocabularySize() + " tokens of the vocabulary and a tolerance of " + ENTROPY_TOLERANCE_NATS;
        }
        if (!logprobIsPossible(run, i)) {
            return "logprob " + run.logprob(i) + at(run, i) + "must be at most 0";
        }
        if (!confidenceIsPossible(run, i)) {
            return "confidence " + run.confidence(i) + at(run, i) + "must be at least 0 and less than "
                    + Token.CONFIDENCE_LIMIT + " nats";
        }
        return "token class " + run.tokenClass(i) + at(run, i) + "must be 0 to " + (live.tokenClasses() - 1)
                + ", the classes that the start names";
    }

    private static String at(Run run, int i) {
        return " of token " + (run.firstToken() + i) + ": ";
    }

    /** The token as the signals see it; its values must have been checked. */
    static Token token(Run run, int i) {
        return new Token(run.entropy(i), Token.UNMEASURED, run.logprob(i), run.confidence(i), run.tokenClass(i));
    }
}
