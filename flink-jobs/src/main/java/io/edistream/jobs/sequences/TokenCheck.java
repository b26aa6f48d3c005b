package io.edistream.jobs.sequences;

import io.edistream.jobs.events.Run;
import io.edistream.jobs.sequences.SequenceState.Live;
import io.edistream.signals.Token;
import org.jspecify.annotations.Nullable;

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

    /** What is wrong with the run's token {@code i}, as the beginning of a sentence; null if nothing is. */
    static @Nullable String problem(Run run, int i, Live live) {
        double limit = live.monitor().info().maxEntropyNats() + ENTROPY_TOLERANCE_NATS;
        if (!(run.entropy(i) >= 0 && run.entropy(i) <= limit)) {
            return "entropy " + run.entropy(i) + at(run, i) + "must be 0 to " + limit + " nats, ln of the "
                    + live.vocabularySize() + " tokens of the vocabulary and a tolerance of " + ENTROPY_TOLERANCE_NATS;
        }
        if (!(run.logprob(i) <= 0 && Float.isFinite(run.logprob(i)))) {
            return "logprob " + run.logprob(i) + at(run, i) + "must be finite and at most 0";
        }
        if (!(run.confidence(i) >= 0 && Float.isFinite(run.confidence(i)))) {
            return "confidence " + run.confidence(i) + at(run, i) + "must be finite and at least 0 nats";
        }
        if (run.tokenClass(i) < 0 || run.tokenClass(i) >= live.tokenClasses()) {
            return "token class " + run.tokenClass(i) + at(run, i) + "must be 0 to " + (live.tokenClasses() - 1)
                    + ", the classes that the start names";
        }
        return null;
    }

    private static String at(Run run, int i) {
        return " of token " + (run.firstToken() + i) + ": ";
    }

    /** The token as the signals see it; its values must have been checked. */
    static Token token(Run run, int i) {
        return new Token(run.entropy(i), run.logprob(i), run.confidence(i), run.tokenClass(i));
    }
}
