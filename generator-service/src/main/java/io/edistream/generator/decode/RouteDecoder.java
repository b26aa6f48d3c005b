package io.edistream.generator.decode;

import io.edistream.sequences.EndReason;
import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.edistream.sequences.metrics.RouteMetrics;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decodes all sequences of one route together: admits those that fit, reads their prompts, draws one token for each.
 * Used by one thread.
 */
final class RouteDecoder {

    private static final Logger LOG = LoggerFactory.getLogger(RouteDecoder.class);

    private final Route route;
    private final DecodeOptions options;
    private final RouteMetrics metrics;
    private final MicrosClock clock;
    private final ModelInfo model;
    private final BlockPool pool;
    private final WorkingMemory memory;
    private final ModelCalls calls;
    private final Forks forks;
    private final Deque<LiveSequence> waiting = new ArrayDeque<>();
    private final List<LiveSequence> live = new ArrayList<>();
    /** The live sequence whose prompt is read in part, if there is one: it has no token yet. */
    private @Nullable LiveSequence reading;

    RouteDecoder(Route route, DecodeOptions options, GeneratorMetrics metrics, MicrosClock clock) {
        this.route = route;
        this.options = options;
        this.clock = clock;
        this.model = route.model().info();
        this.metrics = metrics.route(model.name(), route.name());
        this.pool = new BlockPool(model.blocks());
        this.memory = new WorkingMemory(route.model(), options.maxWorkingBytes());
        this.calls = new ModelCalls(route.model(), memory, this.metrics);
        this.forks = new Forks(route.model(), pool, this.metrics, clock);
    }

    Route route() {
        return route;
    }

    /** Refuses what could never be decoded, however long it waited. */
    void requireFits(int promptTokens, int maxNewTokens) {
        // A limit that means "no limit" is near the largest int: the sum must not wrap around.
        long length = (long) promptTokens + maxNewTokens;
        if (promptTokens < 1 || length > model.maxPositions()) {
            throw new IllegalArgumentException("prompt (" + promptTokens + " tokens) and new tokens (" + maxNewTokens
                    + ") must be at least 1 and together at most " + model.maxPositions() + ", the positions of model "
                    + model.name());
        }
        int positions = Math.toIntExact(length - 1);
        int blocks = BlockTable.blocksFor(positions, model.blockSize());
        if (blocks > pool.capacity()) {
            throw new IllegalArgumentException("prompt (" + promptTokens + " tokens) and new tokens (" + maxNewTokens
                    + ") need " + blocks + " blocks of the key-value cache, but it has " + pool.capacity());
        }
        memory.requireFits(positions);
    }

    /** Refuses token ids that the model does not have. */
    void requireKnown(Collection<Integer> ids) {
        for (int id : ids) {
            if (id < 0 || id >= model.vocabularySize()) {
                throw new IllegalArgumentException("token id " + id + " is not one of model " + model.name()
                        + ", which has 0 to " + (model.vocabularySize() - 1));
            }
        }
    }

    void enqueue(LiveSequence sequence) {
        waiting.add(sequence);
        metrics.sequences().started(1);
    }

    /** What goes on from another route waits before all that has not begun. */
    void enqueueFirst(LiveSequence sequence) {
        waiting.addFirst(sequence);
        metrics.sequences().started(1);
    }

    /** Whether there is anything to do. */
    boolean isBusy() {
        return !live.isEmpty() || !waiting.isEmpty();
    }

    /**
     * One token for every live sequence whose prompt was read, and the first one for those whose prompt is read to its
     * end now.
     *
     * <p>A sequence that fails, or waits in vain, ends; those that ended have given their blocks back.
     */
    void step() {
        List<LiveSequence> rows =
                live.stream().filter(sequence -> sequence != reading).toList();
        if (!rows.isEmpty()) {
            decode(rows);
            live.removeIf(sequence -> sequence.endReason() != null);
        }
        readPrompts();
        if (live.isEmpty() && !waiting.isEmpty()) {
            endHopeless(waiting.remove());
        }
        // A sequence may end with its first token.
        live.removeIf(sequence -> sequence.endReason() != null);
    }

    /** Reads as many tokens of prompts as may hold up the live sequences, one prompt after the other. */
    private void readPrompts() {
        int left = options.maxPromptTokensPerStep();
        while (left > 0) {
            LiveSequence next = reading == null ? admitted() : reading;
            if (next == null) {
                return;
            }
            int most = Math.min(left, next.promptTokensLeft());
            StepRow part = next.promptRow(memory.longestPart(next.promptTokensRead(), most));
            left -= part.tokens().size();
            reading = readPart(next, part) ? null : next;
        }
    }

    /** Returns whether nothing of the prompt is left to read. */
    private boolean readPart(LiveSequence sequence, StepRow part) {
        if (sequence.isLastOfPrompt(part)) {
            advance(List.of(sequence), List.of(part));
            return true;
        }
        // What is drawn behind a part is no token, but it shows whether the part could be computed.
        Drawn drawn = calls.step(List.of(part)).get(0);
        String fault = fault(drawn);
        if (fault != null) {
            failed(sequence, fault);
            return true;
        }
        sequence.promptRead(part);
        return false;
    }

    /** Tells the metrics that one of its sequences has ended. */
    void reportEnd(LiveSequence sequence, EndReason reason) {
        metrics.sequences()
                .ended(
                        reason,
                        sequence.decodedTokens(),
                        sequence.tracked().delivery().discarded() > 0);
    }

    /** Tells the metrics how many samples a strategy did without. */
    void reportSpared(int samples) {
        metrics.sparedSamples(samples);
    }

    /** Tells the metrics how full it is. */
    void reportOccupancy() {
        metrics.sequences().holds(live.size(), waiting.size());
        metrics.occupied(pool.used(), pool.capacity());
    }

    /** Ends a sequence that waits or is decoded; the next step no longer has it. */
    void stop(LiveSequence sequence, EndReason reason) {
        sequence.end(reason);
        live.remove(sequence);
        waiting.remove(sequence);
        if (reading == sequence) {
            reading = null;
        }
    }

    /** Whether one more branch would fit. */
    boolean hasRoomForBranch(LiveSequence parent, int atToken) {
        return live.size() < options.maxLiveSequences() && forks.hasBlocks(parent, atToken);
    }

    /** Whether there is a word that nobody who could has taken at a token. */
    boolean hasWordForBranch(LiveSequence parent, int atToken) {
        return forks.hasWord(parent, atToken);
    }

    /**
     * Starts branches that take the most probable tokens at {@code atToken} that are left, as many as fit.
     *
     * @param width most branches
     * @throws RuntimeException the model's failure, if there is no branch at all
     */
    List<LiveSequence> branch(LiveSequence parent, int atToken, int width) {
        int slots = options.maxLiveSequences() - live.size();
        List<LiveSequence> children = forks.branches(parent, atToken, Math.min(width, slots));
        live.addAll(children);
        metrics.sequences().started(children.size());
        return children;
    }

    /**
     * The next one that fits, null if none does. Strictly in order of arrival: a long prompt at the head is not
     * overtaken, so it cannot starve.
     */
    private @Nullable LiveSequence admitted() {
        LiveSequence head = waiting.peek();
        // One that has ended meanwhile still counts as live: its slot is free from the next step on.
        if (head == null || live.size() >= options.maxLiveSequences()) {
            return null;
        }
        Optional<BlockTable> read = promptReadBefore(head);
        Optional<BlockTable> table =
                read.isPresent() ? read : BlockTable.reserve(pool, model.blockSize(), head.maxPositions());
        if (table.isEmpty()) {
            return null;
        }
        head.admit(table.get(), read.isPresent() ? head.start().prompt().size() - 1 : 0, clock.micros());
        live.add(waiting.remove());
        return head;
    }

    /** What another sample of the same prompt has in the cache is not read again. */
    private Optional<BlockTable> promptReadBefore(LiveSequence sample) {
        return live.stream()
                .filter(other -> other.endReason() == null && other.hasReadPromptOf(sample))
                .findFirst()
                .flatMap(other -> forks.ofPrompt(other, sample));
    }

    /** Nothing runs whose end could make room: to wait on would be to wait for ever, in a loop without a pause. */
    private void endHopeless(LiveSequence head) {
        LOG.error(
                "Sequence {} does not fit the empty cache of model {}: {} of {} blocks are available; it ends with an error",
                head.counter(),
                model.name(),
                pool.available(),
                pool.capacity());
        head.end(EndReason.ERROR);
    }

    private void decode(List<LiveSequence> rows) {
        long before = clock.micros();
        advance(rows, rows.stream().map(LiveSequence::decodeRow).toList());
        metrics.stepped(clock.micros() - before);
    }

    private void advance(List<LiveSequence> sequences, List<StepRow> rows) {
        List<@Nullable Drawn> drawn = calls.step(rows);
        int taken = 0;
        for (int i = 0; i < drawn.size(); i++) {
            taken += take(sequences.get(i), drawn.get(i));
        }
        metrics.sequences().decoded(taken);
    }

    /** Returns how many tokens the sequence has got; it ends if the model has failed for it. */
    private int take(LiveSequence sequence, @Nullable Drawn drawn) {
        String fault = fault(drawn);
        if (drawn != null && fault == null) {
            int wanted = sequence.nextForced();
            if (wanted == StepRow.SAMPLED || wanted == drawn.stats().token()) {
                return append(sequence, drawn);
            }
            fault = "token " + drawn.stats().token() + " came where " + wanted + " was to be forced";
        }
        failed(sequence, fault);
        return 0;
    }

    private @Nullable String fault(@Nullable Drawn drawn) {
        return drawn == null ? "its row alone cannot be computed" : DrawnTokens.fault(drawn.stats(), model);
    }

    private void failed(LiveSequence sequence, @Nullable String fault) {
        LOG.error(
                "Model {} failed for sequence {} alone, which ends with an error: {}",
                model.name(),
                sequence.counter(),
                fault);
        metrics.rowFailed();
        sequence.end(EndReason.ERROR);
    }

    /** Returns how many tokens the sequence has got. */
    private int append(LiveSequence sequence, Drawn drawn) {
        try {
            sequence.append(drawn);
        } catch (RuntimeException e) {
            LOG.error(
                    "Token {} of model {} has no class; its sequence ends with an error",
                    drawn.stats().token(),
                    model.name(),
                    e);
            sequence.end(EndReason.ERROR);
            return 0;
        }
        if (model.isEnd(drawn.stats().token())) {
            sequence.end(EndReason.END_OF_SEQUENCE);
        } else if (sequence.isStopped()) {
            sequence.end(EndReason.STOP_STRING);
        } else if (sequence.tokens().size() >= sequence.request().maxNewTokens()) {
            sequence.end(EndReason.LENGTH);
        }
        return 1;
    }
}
