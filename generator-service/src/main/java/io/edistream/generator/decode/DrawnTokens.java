package io.edistream.generator.decode;

import io.edistream.sequences.TokenStats;
import org.jspecify.annotations.Nullable;

/** Says whether what a model drew can be a token with its statistics at all. */
final class DrawnTokens {

    private DrawnTokens() {}

    /** What is wrong with it; null if nothing is. */
    static @Nullable String fault(TokenStats drawn, ModelInfo model) {
        if (drawn.token() < 0 || drawn.token() >= model.vocabularySize()) {
            return "token " + drawn.token() + " is not one of the vocabulary's " + model.vocabularySize();
        }
        if (drawn.rank() < 0 || drawn.rank() >= model.vocabularySize()) {
            return "rank " + drawn.rank() + " is not one of the vocabulary's " + model.vocabularySize();
        }
        boolean finite = Float.isFinite(drawn.entropyNats())
                && Float.isFinite(drawn.logProbability())
                && Float.isFinite(drawn.confidence())
                && Float.isFinite(drawn.selfCertainty())
                && Float.isFinite(drawn.varentropy());
        if (!finite || drawn.entropyNats() < 0) {
            return "statistics are not finite, or the entropy is negative: " + drawn;
        }
        return null;
    }
}
