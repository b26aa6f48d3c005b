package io.edistream.generator.decode;

import io.edistream.generator.sequence.DecodedToken;
import io.edistream.generator.sequence.EndReason;
import io.edistream.generator.sequence.GeneratedSequence;
import io.edistream.generator.sequence.PromptGroup;
import io.edistream.generator.sequence.Sampling;
import io.edistream.generator.sequence.TokenStats;
import io.edistream.generator.sequence.Uniforms;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A sequence that waits or is decoded: its tokens, its blocks, how far it was reported. Only the thread that decodes
 * touches it, but for what never changes.
 */
final class LiveSequence {

    private final long counter;
    private final PromptGroup group;
    private final GenerationRequest request;
    private final Sampling sampling;
    private final Route route;
    private final List<Integer> prompt;
    private final @Nullable Origin origin;
    private final CompletableFuture<GeneratedSequence> completion = new CompletableFuture<>();
    private final TokenClassifier.Cursor classes;
    private final List<DecodedToken> tokens = new ArrayList<>();
    private final Map<Integer, Integer> childrenAt = new HashMap<>();
    private @Nullable BlockTable blocks;
    private final RunText runText;
    private boolean admitted;
    private long startedAtMicros;
    private int forcedRank = StepRow.SAMPLED;
    private int reportedTokens;
    private boolean startReported;
    private @Nullable EndReason endReason;

    private LiveSequence(
            long counter,
            PromptGroup group,
            GenerationRequest request,
            Sampling sampling,
            Route route,
            List<Integer> prompt,
            @Nullable Origin origin) {
        this.counter = counter;
        this.group = group;
        this.request = request;
        this.sampling = sampling;
        this.route = route;
        this.prompt = prompt;
        this.origin = origin;
        this.runText = new RunText(route.tokenizer());
        this.classes = route.classifier().start();
    }

    /** A sequence that starts with a prompt. */
    static LiveSequence root(
            long counter, PromptGroup group, GenerationRequest request, Route route, List<Integer> prompt) {
        return new LiveSequence(counter, group, request, request.sampling(), route, List.copyOf(prompt), null);
    }

    /**
     * A sequence that shares this one's first tokens.
     *
     * @param atToken index of the first token that they do not share
     * @param rank of the token that the child starts with
     * @param nowMicros when it starts, microseconds since 1970-01-01 UTC
     */
    LiveSequence child(long childCounter, int atToken, int rank, BlockTable table, long nowMicros) {
        Sampling childSampling = sampling.withSeed(Uniforms.childSeed(sampling.seed(), atToken, childrenAt(atToken)));
        LiveSequence fork = new LiveSequence(
                childCounter,
                group,
                request,
                childSampling,
                route,
                prompt,
                new Origin(counter, atToken, rootCounter()));
        tokens.subList(0, atToken).forEach(token -> fork.append(token.stats()));
        fork.forcedRank = rank;
        fork.admit(table, nowMicros);
        childrenAt.merge(atToken, 1, Integer::sum);
        return fork;
    }

    /** Children that were forked at a token so far, those that have ended included. */
    int childrenAt(int token) {
        return childrenAt.getOrDefault(token, 0);
    }

    /** The whole prompt, to be read before the first token is drawn. */
    StepRow prefillRow() {
        return new StepRow(prompt, 0, blocksFor(prompt.size()), sampling, nextUniform(), forcedRank);
    }

    /** The last token, to be read before the next one is drawn. */
    StepRow decodeRow() {
        int last = tokens.isEmpty()
                ? prompt.get(prompt.size() - 1)
                : tokens.get(tokens.size() - 1).id();
        int length = prompt.size() + tokens.size();
        return new StepRow(List.of(last), length - 1, blocksFor(length), sampling, nextUniform(), forcedRank);
    }

    /** Tokens that were decoded for it, those shared with its parent not counted. */
    int decodedTokens() {
        Origin from = origin;
        return tokens.size() - (from == null ? 0 : from.forkToken());
    }

    /** Adds a token. */
    void append(TokenStats stats) {
        tokens.add(DecodedToken.drawn(stats, classes.next(stats.token())));
        forcedRank = StepRow.SAMPLED;
    }

    /** Ends it and gives its blocks back. */
    void end(EndReason reason) {
        endReason = reason;
        BlockTable table = blocks;
        if (table != null) {
            table.close();
            blocks = null;
            // At once, not when the step is over: the next command may ask who of the group is left.
            group.stopsRunning(reason);
        }
    }

    /**
     * It waits no longer: it has its blocks.
     *
     * @param nowMicros when that is, microseconds since 1970-01-01 UTC
     */
    void admit(BlockTable table, long nowMicros) {
        blocks = table;
        startedAtMicros = nowMicros;
        admitted = true;
    }

    /** Number of the requested sequence that it was branched from, at whatever depth; its own if it is no branch. */
    long rootCounter() {
        return origin == null ? counter : origin.root();
    }

    /** Whether it is or was decoded, not only waiting. */
    boolean isAdmitted() {
        return admitted;
    }

    BlockTable blocks() {
        BlockTable table = blocks;
        if (table == null) {
            throw new IllegalStateException("sequence " + counter + " has no blocks: it waits or has ended");
        }
        return table;
    }

    /** Positions that it can ever write to the cache: the last token is never read. */
    int maxPositions() {
        return prompt.size() + request.maxNewTokens() - 1;
    }

    /** Positions of the cache that are written when generated token {@code token} is about to be decoded. */
    int positionsBefore(int token) {
        return prompt.size() + token - 1;
    }

    /** Marks all tokens as reported and returns the index of the first one that was not. */
    int reportTokens() {
        int first = reportedTokens;
        reportedTokens = tokens.size();
        return first;
    }

    /** Whether it has just left the queue of waiting requests: admitted and not reported yet, or ended while waiting. */
    boolean leavesQueue() {
        return origin == null && !startReported && (admitted || endReason != null);
    }

    /** Marks the start as reported; true if it was not. */
    boolean reportStart() {
        boolean first = !startReported;
        startReported = true;
        return first;
    }

    /** When it was admitted, microseconds since 1970-01-01 UTC. */
    long startedAtMicros() {
        return startedAtMicros;
    }

    /** Tokens that are text: all but the one that ends the sequence. */
    List<DecodedToken> textTokens() {
        int last = tokens.size() - 1;
        boolean ends =
                last >= 0 && tokens.get(last).id() == route.model().info().endOfSequence();
        return ends ? tokens.subList(0, last) : tokens;
    }

    /** Makes the text of its tokens. */
    RunText runText() {
        return runText;
    }

    long counter() {
        return counter;
    }

    PromptGroup group() {
        return group;
    }

    GenerationRequest request() {
        return request;
    }

    Route route() {
        return route;
    }

    Sampling sampling() {
        return sampling;
    }

    List<Integer> prompt() {
        return prompt;
    }

    @Nullable
    Origin origin() {
        return origin;
    }

    CompletableFuture<GeneratedSequence> completion() {
        return completion;
    }

    List<DecodedToken> tokens() {
        return tokens;
    }

    @Nullable
    EndReason endReason() {
        return endReason;
    }

    private double nextUniform() {
        return Uniforms.at(sampling.seed(), tokens.size());
    }

    private List<Integer> blocksFor(int positions) {
        BlockTable table = blocks();
        table.grow(positions);
        return table.blocks();
    }

    /**
     * Where a branch comes from.
     *
     * @param parent the sequence that it was forked from
     * @param forkToken index of the first token that they do not share
     * @param root the requested sequence that all this goes back to; the ones in between may have ended
     */
    record Origin(long parent, int forkToken, long root) {}
}
