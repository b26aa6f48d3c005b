package io.edistream.generator.decode;

import io.edistream.sequences.Alternative;
import io.edistream.sequences.TokenStats;
import java.util.List;

/**
 * What a model has drawn for a row.
 *
 * @param stats the token and its statistics
 * @param best the most probable tokens, in order, as many as the row asked for
 */
public record Drawn(TokenStats stats, List<Alternative> best) {

    /** Copies the list. */
    public Drawn {
        best = List.copyOf(best);
    }
}
