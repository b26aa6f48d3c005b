package io.edistream.sequences;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All samples and branches of one prompt. Lives as long as somebody refers to it: no table of groups is kept anywhere.
 *
 * <p>Thread-safe. Callers read; the source of tokens reports what happens to the sequences.
 */
public final class PromptGroup {

    private final long id;
    private final Runnable canceller;
    private final List<GeneratedSequence> ended = new ArrayList<>();
    private final List<CompletableFuture<List<GeneratedSequence>>> idleWaiters = new ArrayList<>();
    private final Map<String, Integer> answerClasses = new HashMap<>();
    private @Nullable Consumer<GeneratedSequence> strategy;
    private int planned;
    private int started;
    private int waiting;
    private int running;
    private int settling;
    private int endedNaturally;

    /**
     * @param id number of the group's first sequence
     * @param planned samples that its caller asks for at first
     * @param canceller does what {@link #cancel} promises
     */
    public PromptGroup(long id, int planned, Runnable canceller) {
        this.id = id;
        this.planned = planned;
        this.canceller = canceller;
    }

    /** Number of the group's first sequence. */
    public long id() {
        return id;
    }

    /**
     * Gives up: all samples and branches that wait or run end with {@link EndReason#CANCELLED} at the next token. The
     * group stays usable: samples that join later run.
     */
    public void cancel() {
        canceller.run();
    }

    /** Sequences that run now. */
    public synchronized int running() {
        return running;
    }

    /** Samples that its caller has asked for so far. */
    public synchronized int planned() {
        return planned;
    }

    /** Its caller asks for one more sample. */
    public synchronized void plansOneMore() {
        planned++;
    }

    /**
     * Its caller's strategy decides how many samples there are: nobody else does. It is told of each end, on the thread that decodes,
     * before anybody hears that the group is idle.
     */
    public synchronized void decideBy(Consumer<GeneratedSequence> newStrategy) {
        strategy = newStrategy;
    }

    /** Whether its caller's strategy decides how many samples there are. */
    public synchronized boolean hasStrategy() {
        return strategy != null;
    }

    /** Sequences that wait or run, or have stopped running and have no result yet. */
    public synchronized int unfinished() {
        return waiting + running + settling;
    }

    /** Number of an answer within the group, from 0 by first appearance: equal answers, equal number. */
    public synchronized int answerClass(String answer) {
        return answerClasses.computeIfAbsent(answer, unknown -> answerClasses.size());
    }

    /** Sequences that the group has started in all, those that wait for their start included. */
    public synchronized int started() {
        return started;
    }

    /** Sequences that have ended so far, in the order of their ends. */
    public synchronized List<GeneratedSequence> ended() {
        return List.copyOf(ended);
    }

    /** Whether a running sequence of the group is the only hope left: no other one runs or has ended by itself. */
    public synchronized boolean isLastHope() {
        return running <= 1 && endedNaturally == 0;
    }

    /**
     * Completes with all ended sequences as soon as none waits or runs, at once if that is so now. Completed on the
     * thread that decodes.
     */
    public CompletableFuture<List<GeneratedSequence>> whenIdle() {
        CompletableFuture<List<GeneratedSequence>> waiter = new CompletableFuture<>();
        synchronized (this) {
            idleWaiters.add(waiter);
        }
        completeIfIdle();
        return waiter;
    }

    /** A sample was accepted and waits for its start. */
    public synchronized void sampleWaits() {
        started++;
        waiting++;
    }

    /** A waiting sample starts. */
    public synchronized void waitingStarts() {
        waiting--;
        running++;
    }

    /** A branch starts. */
    public synchronized void branchStarts() {
        started++;
        running++;
    }

    /** What continues a sequence of the group waits for its start: the group has no more sequences because of it. */
    public synchronized void continuationWaits() {
        waiting++;
    }

    /** A waiting sample ended before it started: it does not count as started. */
    public void waitingEnds(GeneratedSequence sequence) {
        synchronized (this) {
            waiting--;
            started -= sequence.continues() == null ? 1 : 0;
            ended.add(sequence);
        }
        decide(sequence);
        completeIfIdle();
    }

    /** A running sequence has stopped running. */
    public synchronized void stopsRunning(EndReason reason) {
        running--;
        endedNaturally += reason.isNatural() ? 1 : 0;
        settling++;
    }

    /** The result of a sequence that has stopped running is known. */
    public void settles(GeneratedSequence sequence) {
        synchronized (this) {
            settling--;
            ended.add(sequence);
        }
        decide(sequence);
        completeIfIdle();
    }

    private void decide(GeneratedSequence sequence) {
        Consumer<GeneratedSequence> decides;
        synchronized (this) {
            decides = strategy;
        }
        // Outside the lock: it may start samples.
        if (decides != null) {
            decides.accept(sequence);
        }
    }

    private void completeIfIdle() {
        List<CompletableFuture<List<GeneratedSequence>>> waiters;
        List<GeneratedSequence> all;
        synchronized (this) {
            if (unfinished() > 0) {
                return;
            }
            waiters = List.copyOf(idleWaiters);
            idleWaiters.clear();
            all = List.copyOf(ended);
        }
        // Outside the lock: whoever waits may call back.
        waiters.forEach(waiter -> waiter.complete(all));
    }
}
