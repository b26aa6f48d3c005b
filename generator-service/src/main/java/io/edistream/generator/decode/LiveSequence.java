package io.edistream.generator.decode;

import io.edistream.sequences.Ability;
import io.edistream.sequences.Alternative;
import io.edistream.sequences.Continuation;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.Phase;
import io.edistream.sequences.PromptGroup;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.TokenStats;
import io.edistream.sequences.ToldSampling;
import io.edistream.sequences.Uniforms;
import io.edistream.sequences.event.EntropyKind;
import io.edistream.sequences.hub.Engine;
import io.edistream.sequences.hub.Generation;
import io.edistream.sequences.hub.SequenceFacts;
import io.edistream.sequences.hub.SequenceHub;
import io.edistream.sequences.hub.TrackedSequence;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What decoding needs of a sequence that waits or is decoded: its blocks, its branches, what to read and what to force next. Only
 * the thread that decodes touches it, but for what never changes.
 */
final class LiveSequence {

    /** The engine behind every model here. */
    static final Engine ENGINE = new Engine("djl", EnumSet.allOf(Ability.class), true);

    private final SequenceHub hub;
    private final TrackedSequence tracked;
    private final RouteContent content;
    private final Start start;
    private final TokenClassifier.Cursor classes;
    private final TakenRanks takenRanks;
    private final Deque<Integer> forced = new ArrayDeque<>();
    private Sampling sampling;
    private @Nullable Map<Integer, Integer> seen;
    private @Nullable BlockTable blocks;
    private int forcedRank = StepRow.SAMPLED;
    private int promptTokensRead;

    /**
     * What a sequence begins with.
     *
     * @param counter its number
     * @param generation the choice that it serves
     * @param request what its caller asked for
     * @param sampling how its tokens are drawn
     * @param route where it is decoded
     * @param prompt what it reads before its first token
     * @param carried tokens at the end of the prompt that an earlier sequence generated
     * @param continues the earlier sequence; null if there is none
     * @param leavesQueue run once, when it waits no longer
     */
    record Start(
            long counter,
            Generation generation,
            GenerationRequest request,
            Sampling sampling,
            Route route,
            List<Integer> prompt,
            List<Integer> carried,
            @Nullable Continuation continues,
            Runnable leavesQueue) {

        /** Copies the lists. */
        Start {
            prompt = List.copyOf(prompt);
            carried = List.copyOf(carried);
        }

        private SequenceFacts facts(SequenceFacts.@Nullable Origin origin) {
            ModelInfo model = route.model().info();
            return new SequenceFacts(
                    model.name(),
                    route.name(),
                    ENGINE,
                    EntropyKind.RAW_EXACT,
                    model.vocabularySize(),
                    prompt.size(),
                    prompt,
                    ToldSampling.of(sampling),
                    route.classifier().names(),
                    origin,
                    // A branch comes from its parent, whatever that went on from.
                    origin == null ? continues : null,
                    request.name(),
                    request.traceContext(),
                    request.prompt() instanceof Prompt.Text text ? text.text() : null);
        }
    }

    private LiveSequence(SequenceHub hub, Start start, SequenceFacts.@Nullable Origin origin, TakenRanks takenRanks) {
        this.hub = hub;
        this.start = start;
        this.sampling = start.sampling;
        this.takenRanks = takenRanks;
        this.classes = start.route.classifier().start();
        start.carried.forEach(classes::next);
        this.content = new RouteContent(start.counter, start.route, start.request, start.carried);
        this.tracked = hub.create(start.counter, start.generation, start.facts(origin), content);
    }

    /** A sequence that starts with a prompt. */
    static LiveSequence root(SequenceHub hub, Start start) {
        return new LiveSequence(hub, start, null, new TakenRanks());
    }

    /**
     * A sequence that shares this one's first tokens.
     *
     * @param atToken index of the first token that they do not share
     * @param rank of the token that the child starts with
     * @param nowMicros when it starts, microseconds since 1970-01-01 UTC
     */
    LiveSequence child(int atToken, int rank, BlockTable table, long nowMicros) {
        long counter = hub.nextCounter();
        Set<Integer> taken = takenAt(atToken);
        Sampling begun = start.sampling;
        Start childStart = new Start(
                counter,
                start.generation.branch(counter),
                start.request,
                begun.withSeed(Uniforms.childSeed(begun.seed(), atToken, taken.size() - 1)),
                start.route,
                start.prompt,
                start.carried,
                start.continues,
                () -> {});
        LiveSequence fork = new LiveSequence(
                hub, childStart, new SequenceFacts.Origin(counter(), atToken), takenRanks.forkedAt(atToken));
        tokens().subList(0, atToken).forEach(token -> fork.append(token.stats(), token.forced(), token.best()));
        taken.add(rank);
        fork.forcedRank = rank;
        fork.admit(table, 0, nowMicros);
        return fork;
    }

    /** Ranks that it and its branches, and whoever shares the tokens before, have taken at a token that it has. */
    Set<Integer> takenAt(int token) {
        return takenRanks.at(token, tokens().get(token).stats().rank());
    }

    /**
     * The next part of the prompt, which is to be read before the first token is drawn.
     *
     * @param tokens of it, at least 1 and at most those that are left
     */
    StepRow promptRow(int tokens) {
        int end = promptTokensRead + tokens;
        return row(start.prompt.subList(promptTokensRead, end), promptTokensRead, end);
    }

    /** Tokens of the prompt that are still to be read. */
    int promptTokensLeft() {
        return start.prompt.size() - promptTokensRead;
    }

    /** Tokens of the prompt that are in its blocks. */
    int promptTokensRead() {
        return promptTokensRead;
    }

    /** Whether nothing of the prompt is left behind a part. */
    boolean isLastOfPrompt(StepRow part) {
        return part.firstPosition() + part.tokens().size() == start.prompt.size();
    }

    /** The model has read a part of the prompt. */
    void promptRead(StepRow part) {
        promptTokensRead = part.firstPosition() + part.tokens().size();
    }

    /** Whether another sequence may take over what it has read of its prompt, all but the last token. */
    boolean hasReadPromptOf(LiveSequence other) {
        return promptTokensRead >= start.prompt.size() - 1
                && group() == other.group()
                && start.route.equals(other.start.route)
                && start.prompt.equals(other.start.prompt);
    }

    /** The last token, to be read before the next one is drawn. */
    StepRow decodeRow() {
        List<DecodedToken> tokens = tokens();
        int last = tokens.isEmpty()
                ? start.prompt.get(start.prompt.size() - 1)
                : tokens.get(tokens.size() - 1).id();
        int length = start.prompt.size() + tokens.size();
        return row(List.of(last), length - 1, length);
    }

    private StepRow row(List<Integer> tokens, int firstPosition, int positions) {
        return new StepRow(
                tokens,
                firstPosition,
                blocksFor(positions),
                sampling,
                Uniforms.at(sampling.seed(), tokens().size()),
                forcedRank,
                nextForced(),
                sampling.penalties().areOff() ? Map.of() : seen(),
                start.request.alternatives());
    }

    /** Counted from when it is first wanted: most sequences have no penalties. */
    private Map<Integer, Integer> seen() {
        Map<Integer, Integer> counts = seen;
        if (counts == null) {
            counts = new HashMap<>();
            int generated = start.prompt.size() - start.carried.size();
            for (int i = 0; i < start.prompt.size(); i++) {
                counts.merge(start.prompt.get(i), i < generated ? 0 : 1, Integer::sum);
            }
            for (DecodedToken token : tokens()) {
                counts.merge(token.id(), 1, Integer::sum);
            }
            seen = counts;
        }
        return counts;
    }

    /** The id that the next token must have; {@link StepRow#SAMPLED} if it is free. */
    int nextForced() {
        Integer next = forced.peek();
        return next == null || forcedRank != StepRow.SAMPLED ? StepRow.SAMPLED : (int) next;
    }

    /** Tokens that were decoded for it, those shared with its parent not counted. */
    int decodedTokens() {
        SequenceFacts.Origin origin = tracked.facts().origin();
        return tokens().size() - (origin == null ? 0 : origin.forkToken());
    }

    /** Adds a token that was drawn, or that it was told to force. */
    void append(Drawn drawn) {
        boolean isForced = nextForced() != StepRow.SAMPLED;
        append(drawn.stats(), isForced, drawn.best());
        if (isForced) {
            forced.remove();
        }
        forcedRank = StepRow.SAMPLED;
        promptTokensRead = start.prompt.size();
    }

    private void append(TokenStats stats, boolean isForced, List<Alternative> best) {
        tracked.append(new DecodedToken(stats, classes.next(stats.token()), null, isForced, Phase.UNKNOWN, best));
        Map<Integer, Integer> counts = seen;
        if (counts != null) {
            counts.merge(stats.token(), 1, Integer::sum);
        }
    }

    /** Forces tokens, one after another, from the next one on. */
    void force(List<Integer> ids) {
        forced.addAll(ids);
    }

    /** Whether tokens that are to be forced are not there yet. */
    boolean isForcing() {
        return !forced.isEmpty();
    }

    /** Draws otherwise from the next token on. */
    void changeSampling(Sampling newSampling) {
        sampling = newSampling;
        tracked.changeSampling(newSampling);
    }

    /** Draws as at the start, and forces nothing any more. */
    void withdraw() {
        forced.clear();
        if (!sampling.equals(start.sampling)) {
            changeSampling(start.sampling);
        }
    }

    /** Whether a stop string of its caller has come up. */
    boolean isStopped() {
        return !start.request.stop().isEmpty() && content.isStopped(tokens());
    }

    /** Ends it and gives its blocks back. */
    void end(EndReason reason) {
        BlockTable table = blocks;
        if (table != null) {
            table.close();
            blocks = null;
        } else {
            start.leavesQueue.run();
        }
        tracked.end(reason);
    }

    /**
     * It waits no longer: it has its blocks.
     *
     * @param promptTokens tokens of the prompt that are in them already
     * @param nowMicros when that is, microseconds since 1970-01-01 UTC
     */
    void admit(BlockTable table, int promptTokens, long nowMicros) {
        blocks = table;
        promptTokensRead = promptTokens;
        start.leavesQueue.run();
        tracked.open(nowMicros);
    }

    BlockTable blocks() {
        BlockTable table = blocks;
        if (table == null) {
            throw new IllegalStateException("sequence " + counter() + " has no blocks: it waits or has ended");
        }
        return table;
    }

    /** Positions that it can ever write to the cache: the last token is never read. */
    int maxPositions() {
        return start.prompt.size() + start.request.maxNewTokens() - 1;
    }

    /** Positions of the cache that are written when generated token {@code token} is about to be decoded. */
    int positionsBefore(int token) {
        return start.prompt.size() + token - 1;
    }

    /** Ids of all that was generated of its answer, by an earlier sequence too. */
    List<Integer> generated() {
        List<Integer> ids = new ArrayList<>(start.carried);
        tokens().forEach(token -> ids.add(token.id()));
        return ids;
    }

    /** The same as the hub knows it. */
    TrackedSequence tracked() {
        return tracked;
    }

    /** What it began with. */
    Start start() {
        return start;
    }

    /** How its next tokens are drawn. */
    Sampling sampling() {
        return sampling;
    }

    long counter() {
        return tracked.counter();
    }

    PromptGroup group() {
        return tracked.group();
    }

    GenerationRequest request() {
        return start.request;
    }

    List<DecodedToken> tokens() {
        return tracked.decoded();
    }

    @Nullable
    EndReason endReason() {
        return tracked.endReason();
    }

    private List<Integer> blocksFor(int positions) {
        BlockTable table = blocks();
        table.grow(positions);
        return table.blocks();
    }
}
