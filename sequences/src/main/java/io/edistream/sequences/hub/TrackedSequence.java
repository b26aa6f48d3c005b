package io.edistream.sequences.hub;

import io.edistream.sequences.Continuation;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.Effect;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.Intervention;
import io.edistream.sequences.Objection;
import io.edistream.sequences.PromptGroup;
import io.edistream.sequences.RunningSequence;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.event.SamplingChanged;
import io.edistream.sequences.event.SequenceEnded;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A sequence that the hub knows: it waits, is open, or has ended. Its engine tells what happens to it; the hub reports
 * that at the next flush. Used by the hub's thread, but for what never changes.
 */
public final class TrackedSequence implements RunningSequence {

    private final SequenceHub hub;
    private final long counter;
    private final Generation generation;
    private final PromptGroup group;
    private volatile SequenceFacts facts;
    private final SequenceContent content;
    private final List<DecodedToken> tokens = new ArrayList<>();
    private final List<DecodedToken> tokensSeen = Collections.unmodifiableList(tokens);
    private final List<SamplingChanged> unreportedChanges = new ArrayList<>();
    private @Nullable Steering steering;
    private boolean discarded;
    private boolean open;
    private long openedAtMicros;
    private @Nullable EndReason endReason;
    private Intervention.@Nullable Stop stop;
    private Intervention.@Nullable Reroute moved;
    private Intervention.@Nullable Conclude concluded;
    private boolean startReported;
    private int reportedTokens;
    private int forgottenTokens;

    TrackedSequence(
            SequenceHub hub, long counter, Generation generation, SequenceFacts facts, SequenceContent content) {
        this.hub = hub;
        this.counter = counter;
        this.generation = generation;
        this.group = generation.group();
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
     * It waits, and only now is known where it goes on from.
     *
     * @param method what it was given
     * @param tokens generated tokens of the sequence that it continues which are part of its prompt
     * @throws IllegalStateException if it is open or has ended, or continues none
     */
    public void sharesTokens(Continuation.Method method, int tokens) {
        if (open || endReason != null) {
            throw new IllegalStateException("sequence " + counter + (open ? " is open" : " has ended"));
        }
        facts = facts.sharing(method, tokens);
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

    /**
     * Its tokens are drawn in another way from the next one on.
     *
     * @throws IllegalStateException if it has ended
     */
    public void changeSampling(Sampling sampling) {
        if (endReason != null) {
            throw new IllegalStateException("sequence " + counter + " has ended: " + endReason);
        }
        unreportedChanges.add(new SamplingChanged(counter, tokens(), sampling));
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

    /** The choice that it serves. */
    public Generation generation() {
        return generation;
    }

    @Override
    public int tokens() {
        return forgottenTokens + tokens.size();
    }

    /** Its tokens so far, those included that it shares with its parent; only those that are kept. */
    public List<DecodedToken> decoded() {
        return tokensSeen;
    }

    /** What becomes of its tokens if its caller gets none of them, since its generation begins anew without them. */
    public void discard() {
        discarded = true;
    }

    /** What became of its tokens so far. */
    public SequenceEnded.Delivery delivery() {
        return discarded ? new SequenceEnded.Delivery(0, 0, tokens()) : SequenceEnded.Delivery.all(tokens());
    }

    /** Whether it was opened ever, ended or not. */
    public boolean wasOpened() {
        return open;
    }

    /** Why it ended; null if it has not. */
    public @Nullable EndReason endReason() {
        return endReason;
    }

    /** The command that ended it; null if none did. */
    Intervention.@Nullable Stop stop() {
        return stop;
    }

    /** The command that let it go on with its generation; null if none did. */
    Intervention.@Nullable Reroute moved() {
        return moved;
    }

    /** The last command that ended its reasoning; null if none did. */
    Intervention.@Nullable Conclude concluded() {
        return concluded;
    }

    @Override
    public Optional<Objection> objectionTo(Intervention intervention) {
        Engine engine = facts.engine();
        return engine.abilities().contains(intervention.ability())
                ? steering().objectionTo(intervention)
                : Optional.of(Objection.unsupported("engine " + engine.name() + " cannot do " + intervention.ability()
                        + ", only " + engine.abilities().stream().sorted().toList()));
    }

    @Override
    public Effect effectOf(Intervention intervention) {
        return steering().effectOf(intervention);
    }

    @Override
    public List<Long> apply(Intervention intervention) {
        objectionTo(intervention).ifPresent(objection -> {
            throw new IllegalStateException(objection.sentence());
        });
        if (intervention instanceof Intervention.Stop ending) {
            stop = ending;
        }
        List<TrackedSequence> begun = steering().apply(intervention);
        if (intervention instanceof Intervention.Reroute reroute) {
            begun.forEach(next -> next.moved = reroute);
        } else if (intervention instanceof Intervention.Conclude conclude) {
            concluded = conclude;
        }
        return begun.stream().map(TrackedSequence::counter).toList();
    }

    @Override
    public int continuations() {
        return generation.continuations();
    }

    @Override
    public boolean isForcing() {
        return steering().isForcing();
    }

    @Override
    public void withdraw() {
        steering().withdraw();
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

    /** Changes of its sampling that were not reported; they are now. */
    List<SamplingChanged> reportChanges() {
        List<SamplingChanged> changes = List.copyOf(unreportedChanges);
        unreportedChanges.clear();
        return changes;
    }

    /** Tokens that were not reported; they are now. Forgets them if its engine does not keep them. */
    List<DecodedToken> reportTokens() {
        List<DecodedToken> fresh = List.copyOf(tokens.subList(reportedTokens - forgottenTokens, tokens.size()));
        reportedTokens = tokens();
        if (!facts.engine().keepsTokens()) {
            forgottenTokens = reportedTokens;
            tokens.clear();
        }
        return fresh;
    }
}
