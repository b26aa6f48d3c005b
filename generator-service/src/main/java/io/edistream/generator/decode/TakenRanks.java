package io.edistream.generator.decode;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which ranks a sequence and its branches have taken at its tokens. Two sequences that share all tokens before one have the
 * same choice there, so they share what is taken: branches of branches do not repeat each other's tokens. Used by one thread.
 */
final class TakenRanks {

    private final @Nullable TakenRanks parent;
    private final int forkToken;
    private final Map<Integer, Set<Integer>> taken = new HashMap<>();

    /** Those of a sequence that was not forked. */
    TakenRanks() {
        this(null, -1);
    }

    private TakenRanks(@Nullable TakenRanks parent, int forkToken) {
        this.parent = parent;
        this.forkToken = forkToken;
    }

    /** Those of a branch that shares all tokens before this one. */
    TakenRanks forkedAt(int token) {
        return new TakenRanks(this, token);
    }

    /**
     * The ranks that are taken at a token.
     *
     * @param own the sequence's own rank there
     */
    Set<Integer> at(int token, int own) {
        if (parent != null && token <= forkToken) {
            // The own rank is the branch's at its fork, which is in there, and the parent's before.
            return parent.at(token, own);
        }
        Set<Integer> ranks = taken.computeIfAbsent(token, unknown -> new TreeSet<>());
        ranks.add(own);
        return ranks;
    }
}
