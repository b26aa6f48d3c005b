package io.edistream.sequences.hub;

import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.GeneratedSequence;
import io.edistream.sequences.Intervention;
import io.edistream.sequences.Objection;
import io.edistream.sequences.PromptGroup;
import io.edistream.sequences.RunningSequence;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A sequence that the hub knows: it waits, is open, or has ended. Its engine tells what happens to it; the hub reports
 * that at the next flush. Used by the hub's thread, but for what never changes.
 */
public final class TrackedSequence implements RunningSequence {

    private final SequenceHub hub;
    private final long counter;
    private final PromptGroup group;
    private final SequenceFacts facts;
    private final SequenceContent content;
    private final CompletableFuture<GeneratedSequence> completion = new CompletableFuture<>();
    private final List<DecodedToken> tokens = new ArrayList<>();
    private final List<DecodedToken> tokensSeen = Collections.unmodifiableList(tokens);
    private @Nullable Steering steering;
    private boolean open;
    private long openedAtMicros;
    private @Nullable EndReason endReason;
    private boolean startReported;
    private int reportedTokens;

    TrackedSequence(SequenceHub hub, long counter, PromptGroup group, SequenceFacts facts, SequenceContent content) {
        this.hub = hub;
        this.counter = counter;
        this.group = group;
        this.facts = facts;
        this.content = content;
    }

    /**
     * It waits no longer, or was forked.
     *
     * @param nowMicros when that is, microseconds since 1970-01-01 UTC
     * @throws IllegalStateException if it is open or has ended
     */
    public void open(long nowMicros) {
        if (open || endReason != null) {
            throw new IllegalStateException("sequence " + counter + (open ? " is open" : " has ended"));
        }
        open = true;
        openedAtMicros = nowMicros;
        if (facts.origin() == null) {
            group.waitingStarts();
        } else {
            group.branchStarts();
        }
        hub.touched(this);
    }

    /**
     * It has one more token.
     *
     * @throws IllegalStateException if it has ended
     */
    public void append(DecodedToken token) {
        if (endReason != null) {
            throw new IllegalStateException("sequence " + counter + " has ended: " + endReason);
        }
        tokens.add(token);
        hub.touched(this);
    }

    /**
     * It has no more tokens.
     *
     * @throws IllegalStateException if it had ended
     */
    public void end(EndReason reason) {
        if (endReason != null) {
            throw new IllegalStateException("sequence " + counter + " has ended: " + endReason);
        }
        endReason = reason;
        if (open) {
            // At once, not at the next flush: the next command may ask who of the group is left.
            group.stopsRunning(reason);
        }
        hub.touched(this);
    }

    @Override
    public long counter() {
        return counter;
    }

    @Override
    public PromptGroup group() {
        return group;
    }

    /** What never changes. */
    public SequenceFacts facts() {
        return facts;
    }

    /** Completes with what it came to, after that was reported, on the hub's thread. */
    public CompletableFuture<GeneratedSequence> completion() {
        return completion;
    }

    /** Number of the requested sequence that it was branched from, at whatever depth; its own if it is no branch. */
    public long rootCounter() {
        SequenceFacts.Origin origin = facts.origin();
        return origin == null ? counter : origin.root();
    }

    @Override
    public int tokens() {
        return tokens.size();
    }

    /** Its tokens so far, those included that it shares with its parent. */
    public List<DecodedToken> decoded() {
        return tokensSeen;
    }

    /** Whether it was opened ever, ended or not. */
    public boolean wasOpened() {
        return open;
    }

    /** Why it ended; null if it has not. */
    public @Nullable EndReason endReason() {
        return endReason;
    }

    @Override
    public Optional<Objection> objectionTo(Intervention intervention) {
        return steering().objectionTo(intervention);
    }

    @Override
    public List<Long> apply(Intervention intervention) {
        objectionTo(intervention).ifPresent(objection -> {
            throw new IllegalStateException(objection.sentence());
        });
        return steering().apply(intervention).stream()
                .map(TrackedSequence::counter)
                .toList();
    }

    void steer(Steering by) {
        steering = by;
    }

    Steering steering() {
        Steering by = steering;
        if (by == null) {
            throw new IllegalStateException("sequence " + counter + " is not tracked");
        }
        return by;
    }

    boolean isRunning() {
        return open && endReason == null;
    }

    SequenceContent content() {
        return content;
    }

    long openedAtMicros() {
        return openedAtMicros;
    }

    /** Marks the start as reported; true if it was not. */
    boolean reportStart() {
        boolean first = !startReported;
        startReported = true;
        return first;
    }

    /** Marks all tokens as reported and returns the index of the first one that was not. */
    int reportTokens() {
        int first = reportedTokens;
        reportedTokens = tokens.size();
        return first;
    }
}
