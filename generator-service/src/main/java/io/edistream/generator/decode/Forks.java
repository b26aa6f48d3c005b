package io.edistream.generator.decode;

import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.metrics.RouteMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Copies of what sequences have in the cache: for branches, and for samples of a prompt that was read before. Used by one thread. */
final class Forks {

    private static final Logger LOG = LoggerFactory.getLogger(Forks.class);

    private final LanguageModel model;
    private final BlockPool pool;
    private final RouteMetrics metrics;
    private final MicrosClock clock;

    Forks(LanguageModel model, BlockPool pool, RouteMetrics metrics, MicrosClock clock) {
        this.model = model;
        this.pool = pool;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** Whether the blocks for one more branch are free. */
    boolean hasBlocks(LiveSequence parent, int atToken) {
        int needed = BlockTable.blocksForFork(
                parent.positionsBefore(atToken),
                parent.maxPositions(),
                model.info().blockSize());
        return needed <= pool.available();
    }

    /** Whether there is a word that nobody who could has taken at a token. */
    boolean hasWord(LiveSequence parent, int atToken) {
        return nextRank(parent, atToken) < model.info().vocabularySize();
    }

    /**
     * Makes branches that take the most probable tokens at {@code atToken} that are left, as many as fit. If the model fails,
     * those that were made before are returned.
     *
     * @param width most branches
     * @throws RuntimeException the model's failure, if there is no branch at all
     */
    List<LiveSequence> branches(LiveSequence parent, int atToken, int width) {
        List<LiveSequence> children = new ArrayList<>();
        while (children.size() < width && hasWord(parent, atToken)) {
            Optional<LiveSequence> child;
            try {
                child = branch(parent, atToken);
            } catch (RuntimeException e) {
                if (children.isEmpty()) {
                    throw e;
                }
                LOG.error(
                        "Model {} failed; {} branches of {} start", model.info().name(), children.size(), width, e);
                break;
            }
            if (child.isEmpty()) {
                break;
            }
            children.add(child.get());
        }
        return children;
    }

    /**
     * Blocks for another sample of a prompt that a sequence has read, all but its last token in them: to read that one again
     * gives the new sample a distribution of its own to draw from. Empty if there are too few blocks, or the model fails.
     */
    Optional<BlockTable> ofPrompt(LiveSequence from, LiveSequence sample) {
        int shared = sample.start().prompt().size() - 1;
        try {
            return from.blocks().fork(shared, sample.maxPositions()).map(this::copied);
        } catch (RuntimeException e) {
            LOG.error(
                    "Model {} failed; sequence {} reads its prompt itself",
                    model.info().name(),
                    sample.counter(),
                    e);
            return Optional.empty();
        }
    }

    private Optional<LiveSequence> branch(LiveSequence parent, int atToken) {
        return parent.blocks()
                .fork(parent.positionsBefore(atToken), parent.maxPositions())
                .map(fork -> {
                    BlockTable table = copied(fork);
                    try {
                        return parent.child(atToken, nextRank(parent, atToken), table, clock.micros());
                    } catch (RuntimeException | Error e) {
                        // No sequence has the table, so nobody else would give its blocks back.
                        table.close();
                        throw e;
                    }
                });
    }

    private BlockTable copied(BlockTable.Fork fork) {
        BlockTable.Copy copy = fork.copy();
        if (copy == null) {
            return fork.table();
        }
        try {
            model.copyBlock(copy.source(), copy.destination());
            return fork.table();
        } catch (RuntimeException | Error e) {
            metrics.callFailed();
            fork.table().close();
            throw e;
        }
    }

    /** The most probable rank that is left. */
    private static int nextRank(LiveSequence parent, int atToken) {
        Set<Integer> taken = parent.takenAt(atToken);
        int rank = 0;
        while (taken.contains(rank)) {
            rank++;
        }
        return rank;
    }
}
