package io.edistream.generator.decode;

import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.PromptGroup;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.TokenStats;
import io.edistream.sequences.Uniforms;
import io.edistream.sequences.event.EntropyKind;
import io.edistream.sequences.hub.SequenceFacts;
import io.edistream.sequences.hub.SequenceHub;
import io.edistream.sequences.hub.TrackedSequence;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What decoding needs of a sequence that waits or is decoded: its blocks, its children, what to read next. Only the thread
 * that decodes touches it, but for what never changes.
 */
final class LiveSequence {

    /** The engine behind every model here. */
    private static final String ENGINE = "djl";

    private final SequenceHub hub;
    private final TrackedSequence tracked;
    private final GenerationRequest request;
    private final Sampling sampling;
    private final Route route;
    private final List<Integer> prompt;
    private final TokenClassifier.Cursor classes;
    private final Runnable leavesQueue;
    private final Map<Integer, Integer> childrenAt = new HashMap<>();
    private @Nullable BlockTable blocks;
    private int forcedRank = StepRow.SAMPLED;
    private int promptTokensRead;

    private LiveSequence(
            SequenceHub hub,
            long counter,
            PromptGroup group,
            GenerationRequest request,
            Sampling sampling,
            Route route,
            List<Integer> prompt,
            SequenceFacts.@Nullable Origin origin,
            Runnable leavesQueue) {
        this.hub = hub;
        this.leavesQueue = leavesQueue;
        this.request = request;
        this.sampling = sampling;
        this.route = route;
        this.prompt = prompt;
        this.classes = route.classifier().start();
        this.tracked = hub.create(
                counter,
                group,
                facts(request, sampling, route, prompt, origin),
                new RouteContent(counter, route, request.check()));
    }

    private static SequenceFacts facts(
            GenerationRequest request,
            Sampling sampling,
            Route route,
            List<Integer> prompt,
            SequenceFacts.@Nullable Origin origin) {
        ModelInfo model = route.model().info();
        return new SequenceFacts(
                model.name(),
                route.name(),
                ENGINE,
                EntropyKind.RAW_EXACT,
                model.vocabularySize(),
                prompt,
                sampling,
                route.classifier().names(),
                origin,
                request.name(),
                request.traceContext(),
                request.prompt() instanceof Prompt.Text text ? text.text() : null);
    }

    /**
     * A sequence that starts with a prompt.
     *
     * @param leavesQueue run once, when it waits no longer
     */
    static LiveSequence root(
            SequenceHub hub,
            long counter,
            PromptGroup group,
            GenerationRequest request,
            Route route,
            List<Integer> prompt,
            Runnable leavesQueue) {
        return new LiveSequence(
                hub, counter, group, request, request.sampling(), route, List.copyOf(prompt), null, leavesQueue);
    }

    /**
     * A sequence that shares this one's first tokens.
     *
     * @param atToken index of the first token that they do not share
     * @param rank of the token that the child starts with
     * @param nowMicros when it starts, microseconds since 1970-01-01 UTC
     */
    LiveSequence child(int atToken, int rank, BlockTable table, long nowMicros) {
        Sampling childSampling = sampling.withSeed(Uniforms.childSeed(sampling.seed(), atToken, childrenAt(atToken)));
        LiveSequence fork = new LiveSequence(
                hub,
                hub.nextCounter(),
                group(),
                request,
                childSampling,
                route,
                prompt,
                new SequenceFacts.Origin(counter(), atToken, tracked.rootCounter()),
                () -> {});
        tokens().subList(0, atToken).forEach(token -> fork.append(token.stats()));
        fork.forcedRank = rank;
        fork.admit(table, nowMicros);
        childrenAt.merge(atToken, 1, Integer::sum);
        return fork;
    }

    /** Children that were forked at a token so far, those that have ended included. */
    int childrenAt(int token) {
        return childrenAt.getOrDefault(token, 0);
    }

    /**
     * The next part of the prompt, which is to be read before the first token is drawn.
     *
     * @param maxTokens longest part, at least 1
     */
    StepRow promptRow(int maxTokens) {
        int end = promptTokensRead + Math.min(maxTokens, prompt.size() - promptTokensRead);
        return new StepRow(
                prompt.subList(promptTokensRead, end),
                promptTokensRead,
                blocksFor(end),
                sampling,
                nextUniform(),
                forcedRank);
    }

    /** Whether nothing of the prompt is left behind a part. */
    boolean isLastOfPrompt(StepRow part) {
        return part.firstPosition() + part.tokens().size() == prompt.size();
    }

    /** The model has read a part of the prompt. */
    void promptRead(StepRow part) {
        promptTokensRead = part.firstPosition() + part.tokens().size();
    }

    /** The last token, to be read before the next one is drawn. */
    StepRow decodeRow() {
        List<DecodedToken> tokens = tokens();
        int last = tokens.isEmpty()
                ? prompt.get(prompt.size() - 1)
                : tokens.get(tokens.size() - 1).id();
        int length = prompt.size() + tokens.size();
        return new StepRow(List.of(last), length - 1, blocksFor(length), sampling, nextUniform(), forcedRank);
    }

    /** Tokens that were decoded for it, those shared with its parent not counted. */
    int decodedTokens() {
        SequenceFacts.Origin origin = tracked.facts().origin();
        return tokens().size() - (origin == null ? 0 : origin.forkToken());
    }

    /** Adds a token. */
    void append(TokenStats stats) {
        tracked.append(DecodedToken.drawn(stats, classes.next(stats.token())));
        forcedRank = StepRow.SAMPLED;
    }

    /** Ends it and gives its blocks back. */
    void end(EndReason reason) {
        BlockTable table = blocks;
        if (table != null) {
            table.close();
            blocks = null;
        } else {
            leavesQueue.run();
        }
        tracked.end(reason);
    }

    /**
     * It waits no longer: it has its blocks.
     *
     * @param nowMicros when that is, microseconds since 1970-01-01 UTC
     */
    void admit(BlockTable table, long nowMicros) {
        blocks = table;
        leavesQueue.run();
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
        return prompt.size() + request.maxNewTokens() - 1;
    }

    /** Positions of the cache that are written when generated token {@code token} is about to be decoded. */
    int positionsBefore(int token) {
        return prompt.size() + token - 1;
    }

    /** The same as the hub knows it. */
    TrackedSequence tracked() {
        return tracked;
    }

    long counter() {
        return tracked.counter();
    }

    PromptGroup group() {
        return tracked.group();
    }

    GenerationRequest request() {
        return request;
    }

    List<DecodedToken> tokens() {
        return tracked.decoded();
    }

    @Nullable
    EndReason endReason() {
        return tracked.endReason();
    }

    private double nextUniform() {
        return Uniforms.at(sampling.seed(), tokens().size());
    }

    private List<Integer> blocksFor(int positions) {
        BlockTable table = blocks();
        table.grow(positions);
        return table.blocks();
    }
}
