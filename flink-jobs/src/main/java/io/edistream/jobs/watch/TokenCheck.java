package io.edistream.jobs.watch;

import io.edistream.schemas.Step;
import io.edistream.signals.Token;
import io.edistream.signals.monitor.SequenceInfo;

/** Says whether a token's values are possible ones for its sequence. */
final class TokenCheck {

    /** How far above ln V an entropy may lie: engines compute in single precision. Our choice. */
    static final double ENTROPY_TOLERANCE_NATS = 1e-3;

    private TokenCheck() {}

    /**
     * The largest entropy that is possible with a vocabulary, nats, a tolerance included; without a bound if its size is
     * unknown, 0.
     */
    static double maxEntropyNats(int vocabularySize) {
        // StrictMath, since the value is computed again after a restore and must be the same on every machine.
        return vocabularySize == 0 ? Double.POSITIVE_INFINITY : StrictMath.log(vocabularySize) + ENTROPY_TOLERANCE_NATS;
    }

    /** Whether the token at a place has possible values. Asked of every token, so it builds no message. */
    static boolean isPossible(Step step, int place, SequenceInfo info) {
        double entropy = step.entropy(place);
        double upper = step.upperBound(place);
        double logprob = step.logprob(place);
        double confidence = step.confidence(place);
        return Token.isPossibleEntropy(entropy)
                && !(entropy > info.maxEntropyNats())
                && Token.isPossibleUpper(upper, entropy)
                && Token.isPossibleLogprob(logprob)
                && Token.isPossibleConfidence(confidence)
                && step.tokenClass(place) < info.tokenClasses()
                && isExplained(step, place);
    }

    /** A column that is empty was measured by nobody; in one that is not, NaN needs a reason. */
    private static boolean isExplained(Step step, int place) {
        boolean hasNaN = (step.hasEntropies() && Float.isNaN(step.entropy(place)))
                || (step.hasLogprobs() && Float.isNaN(step.logprob(place)))
                || (step.hasConfidences() && Float.isNaN(step.confidence(place)));
        return !hasNaN || step.isUnmeasured(place);
    }

    /** What is wrong with the token at a place, which has impossible values, as the beginning of a sentence. */
    static String problem(Step step, int place, int index, SequenceInfo info) {
        if (step.tokenClass(place) >= info.tokenClasses()) {
            return "token class " + step.tokenClass(place) + " of token " + index + ": must be 0 to "
                    + (info.tokenClasses() - 1) + ", the classes that the start names";
        }
        if (step.entropy(place) > info.maxEntropyNats()) {
            return "entropy " + step.entropy(place) + " of token " + index + ": must be at most "
                    + info.maxEntropyNats() + " nats, ln of the " + info.vocabularySize()
                    + " tokens of the vocabulary and a tolerance of " + ENTROPY_TOLERANCE_NATS;
        }
        try {
            Token unused = new Token(
                    shown(step.entropy(place)),
                    shown(step.upperBound(place)),
                    shown(step.logprob(place)),
                    shown(step.confidence(place)),
                    step.tokenClass(place));
        } catch (IllegalArgumentException e) {
            return "token " + index + ": " + e.getMessage();
        }
        return "token " + index + " has the value NaN: must be a number, or column unmeasured must say why it is none";
    }

    /** The number that reads like the float: 0.9 and not 0.8999999761581421. */
    private static double shown(float value) {
        return Double.parseDouble(Float.toString(value));
    }

    /** The token as the signals see it; its values must have been checked. */
    static Token token(Step step, int place) {
        return new Token(
                step.entropy(place),
                step.upperBound(place),
                step.logprob(place),
                step.confidence(place),
                step.tokenClass(place));
    }
}
