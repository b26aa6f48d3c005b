package io.edistream.generator.sequence;

/**
 * A token of a sequence.
 *
 * @param stats the token and its statistics
 * @param tokenClass index into the class names of the sequence's start; 0 is any other token
 */
public record DecodedToken(TokenStats stats, int tokenClass) {

    /** Id in the model's vocabulary. */
    public int id() {
        return stats.token();
    }
}
