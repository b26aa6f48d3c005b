package io.edistream.sequences.hub;

import io.edistream.sequences.Continuation;
import io.edistream.sequences.GeneratedSequence;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.PromptGroup;
import io.edistream.sequences.TokenListener;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One choice of an answer, apart from the sequences that serve it one after another. Every branch is a choice of its own.
 * Callers may use what {@link GenerationHandle} has from any thread; the rest is the hub's.
 */
public final class Generation implements GenerationHandle {

    private static final Logger LOG = LoggerFactory.getLogger(Generation.class);

    private final SequenceHub hub;
    private final long root;
    private final long counter;
    private final PromptGroup group;
    private final TokenListener listener;
    private final CompletableFuture<GeneratedSequence> completion = new CompletableFuture<>();
    private final List<GeneratedSequence> served = new ArrayList<>();
    private @Nullable TrackedSequence current;
    private int continuations;

    Generation(SequenceHub hub, long root, long counter, PromptGroup group, TokenListener listener) {
        this.hub = hub;
        this.root = root;
        this.counter = counter;
        this.group = group;
        this.listener = listener;
    }

    @Override
    public long counter() {
        return counter;
    }

    @Override
    public PromptGroup group() {
        return group;
    }

    @Override
    public CompletableFuture<GeneratedSequence> completion() {
        return completion;
    }

    @Override
    public List<GeneratedSequence> served() {
        synchronized (served) {
            return List.copyOf(served);
        }
    }

    @Override
    public String text() {
        StringBuilder text = new StringBuilder();
        for (GeneratedSequence sequence : served()) {
            Continuation continues = sequence.continues();
            if (continues != null && continues.method() == Continuation.Method.FROM_PROMPT) {
                text.setLength(0);
            }
            text.append(sequence.text());
        }
        return text.toString();
    }

    @Override
    public void cancel() {
        hub.cancel(one -> one.generation().root() == counter);
    }

    /** Number of the requested choice that it was branched from, at whatever depth; its own if it was requested. */
    public long root() {
        return root;
    }

    /** Another choice, branched from this one. Nobody listens to it. */
    public Generation branch(long firstSequence) {
        return new Generation(hub, root, firstSequence, group, TokenListener.NONE);
    }

    /** How often it went on with another sequence. */
    public int continuations() {
        return continuations;
    }

    /** Whether somebody hears its tokens as they come. */
    public boolean isHeard() {
        return listener != TokenListener.NONE;
    }

    /** A sequence serves it from now on. */
    void isServedBy(TrackedSequence sequence) {
        if (current != null) {
            continuations++;
        }
        current = sequence;
    }

    /** What was to go on could not; that it was tried counts. */
    void isServedAgainBy(TrackedSequence sequence) {
        current = sequence;
    }

    /** Whether it goes on when this sequence has ended. */
    boolean outlives(TrackedSequence sequence) {
        return current != sequence;
    }

    /** A fault of whoever listens costs nobody but him. */
    void tell(TokenListener.News news) {
        try {
            listener.hears(news);
        } catch (RuntimeException e) {
            LOG.warn("Whoever listens to sequence {} failed; it goes on", counter, e);
        }
    }

    /** One of its sequences has ended and was reported. */
    void served(TrackedSequence sequence, GeneratedSequence result) {
        synchronized (served) {
            served.add(result);
        }
        if (!outlives(sequence)) {
            completion.complete(result);
        }
    }
}
