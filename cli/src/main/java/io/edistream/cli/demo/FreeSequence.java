package io.edistream.cli.demo;

import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.GeneratedSequence;
import io.edistream.sequences.PromptGroup;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A sequence of the arm without control.
 *
 * @param problem number of its problem, from 1
 * @param seed of its sampling, by which its twin of the other arm is found
 * @param tokens tokens decoded
 * @param reason why it ended
 * @param right whether its answer is right
 * @param answer its answer, if it gave one
 * @param text all of its text
 * @param entropies of its tokens, nats; null where nobody measured it
 */
record FreeSequence(
        int problem,
        long seed,
        int tokens,
        EndReason reason,
        boolean right,
        @Nullable String answer,
        String text,
        List<@Nullable Double> entropies) {

    /** The sequences of a group that has ended, in the order of its samples. */
    static List<FreeSequence> of(PromptGroup group) {
        List<GeneratedSequence> ended = group.ended().stream()
                .filter(sequence -> sequence.reason().isNatural())
                .sorted(Comparator.comparingLong(GeneratedSequence::counter))
                .toList();
        List<FreeSequence> free = new ArrayList<>();
        for (GeneratedSequence sequence : ended) {
            free.add(new FreeSequence(
                    Asking.problem(String.valueOf(sequence.request())),
                    Objects.requireNonNull(sequence.sampling().seed()),
                    sequence.tokens().size(),
                    sequence.reason(),
                    Boolean.TRUE.equals(sequence.correct()),
                    sequence.answer(),
                    sequence.text(),
                    sequence.tokens().stream().map(FreeSequence::entropy).toList()));
        }
        return free;
    }

    private static @Nullable Double entropy(DecodedToken token) {
        double entropy = token.stats().entropyNats();
        return Double.isNaN(entropy) ? null : entropy;
    }
}
