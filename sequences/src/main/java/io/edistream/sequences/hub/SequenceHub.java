package io.edistream.sequences.hub;

import io.edistream.sequences.EndReason;
import io.edistream.sequences.GeneratedSequence;
import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.PromptGroup;
import io.edistream.sequences.RunningSequence;
import io.edistream.sequences.SequenceDirectory;
import io.edistream.sequences.SequenceNames;
import io.edistream.sequences.TokenListener;
import io.edistream.sequences.control.CommandHandler;
import io.edistream.sequences.control.ControlOptions;
import io.edistream.sequences.control.OutcomePublisher;
import io.edistream.sequences.control.ReceivedCommand;
import io.edistream.sequences.event.EntropyPublisher;
import io.edistream.sequences.event.StepEvents;
import io.edistream.sequences.metrics.GeneratorMetrics;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Orders the tokens of running sequences against commands, and reports both. An engine {@linkplain #track tracks} a
 * sequence, opens it, appends its tokens and ends it; between two tokens it lets the hub {@linkplain #takeIn take in} what
 * arrived, and {@linkplain #flush flushes} when it wants to have that reported.
 *
 * <p>Used by one thread, in tests by hand; {@link #request}, {@link #create}, {@link #nextCounter}, {@link #accept}, {@link #cancel}, {@link #end},
 * {@link #post} and {@link #postQuietly} may be called from any.
 */
public final class SequenceHub {

    private static final Logger LOG = LoggerFactory.getLogger(SequenceHub.class);

    private final EntropyPublisher publisher;
    private final MicrosClock clock;
    private final AtomicLong nextCounter = new AtomicLong();
    private final LinkedBlockingQueue<Message> mailbox = new LinkedBlockingQueue<>();
    private final ConcurrentLinkedQueue<Runnable> quiet = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean withdrawalWaits = new AtomicBoolean();
    private final Map<Long, TrackedSequence> tracked = new LinkedHashMap<>();
    private final NamesOfEnded namesOfEnded = new NamesOfEnded();
    private final Set<TrackedSequence> touched = new LinkedHashSet<>();
    private final CommandHandler commands;

    public SequenceHub(
            EntropyPublisher publisher,
            OutcomePublisher outcomes,
            ControlOptions options,
            GeneratorMetrics metrics,
            MicrosClock clock) {
        this.publisher = publisher;
        this.clock = clock;
        this.commands = new CommandHandler(new Directory(), outcomes, options, metrics, clock);
    }

    /** The next sequence's number: they are given in order and never twice. */
    public long nextCounter() {
        return nextCounter.getAndIncrement();
    }

    /**
     * A choice that a caller asks for.
     *
     * @param firstSequence number of its first sequence, as {@link #nextCounter} gave it
     */
    public Generation request(long firstSequence, PromptGroup group, TokenListener listener) {
        return new Generation(this, firstSequence, firstSequence, group, listener);
    }

    /**
     * A sequence that nobody knows yet.
     *
     * @param counter its number, as {@link #nextCounter} gave it
     * @param generation the choice that it is to serve
     */
    public TrackedSequence create(long counter, Generation generation, SequenceFacts facts, SequenceContent content) {
        return new TrackedSequence(this, counter, generation, facts, content);
    }

    /** Takes a command, to be settled at the next token boundary. */
    public void accept(ReceivedCommand command) {
        if (commands.admits(command)) {
            mailbox.add(new Arrived(command));
        }
    }

    /** No job is heard of: takes back what lasts of its commands, at the next token boundary. */
    public void nobodyWatches() {
        if (withdrawalWaits.compareAndSet(false, true)) {
            post(() -> {
                withdrawalWaits.set(false);
                commands.withdrawAll();
            });
        }
    }

    /** Ends the chosen ones of those that wait or run, at the next token boundary, since their caller gives up. */
    public void cancel(Predicate<TrackedSequence> chosen) {
        end(chosen, EndReason.CANCELLED);
    }

    /** Ends the chosen ones of those that wait or run, at the next token boundary. */
    public void end(Predicate<TrackedSequence> chosen, EndReason reason) {
        mailbox.add(new Unwanted(chosen, reason));
    }

    /** Lets the hub's thread do something at the next token boundary, in the order of what arrives. */
    public void post(Runnable task) {
        mailbox.add(new Posted(task));
    }

    /**
     * Lets the hub's thread do something before it takes in what arrives next, or when it {@linkplain #takeIn takes in}
     * anyhow: in the order of these, and without waking it, which costs more than taking in a token does.
     */
    public void postQuietly(Runnable task) {
        quiet.add(task);
    }

    /** Knows a sequence from now on, which waits until it is opened; it serves its generation, whatever did before. */
    public void track(TrackedSequence sequence, Steering steering) {
        sequence.steer(steering);
        sequence.generation().isServedBy(sequence);
        tracked.put(sequence.counter(), sequence);
    }

    /**
     * What a sequence {@linkplain Steering#isForcing is forcing} does not come.
     *
     * @param why one sentence for people
     */
    public void forcesInVain(TrackedSequence sequence, String why) {
        commands.forcesInVain(sequence, why);
    }

    /** A sequence goes on itself, since what was to continue it could not. */
    public void servesAgain(TrackedSequence sequence) {
        sequence.generation().isServedAgainBy(sequence);
    }

    /**
     * A token boundary: takes in what has arrived. What comes meanwhile waits for the next one: a flood does not keep
     * tokens from being decoded.
     */
    public void takeIn() {
        takeInQuiet();
        for (int left = mailbox.size(); left > 0; left--) {
            take(mailbox.remove());
        }
    }

    private void takeInQuiet() {
        for (Runnable task = quiet.poll(); task != null; task = quiet.poll()) {
            task.run();
        }
    }

    /** Whether something has arrived that was not taken in. */
    public boolean hasArrivals() {
        return !mailbox.isEmpty() || !quiet.isEmpty();
    }

    /**
     * Waits until something arrives, and takes it in.
     *
     * @throws InterruptedException if the thread is interrupted
     */
    public void awaitArrival() throws InterruptedException {
        take(mailbox.take());
    }

    /**
     * Waits for a while until something arrives, and takes it in.
     *
     * @return whether something did
     * @throws InterruptedException if the thread is interrupted
     */
    public boolean awaitArrival(long nanos) throws InterruptedException {
        Message message = mailbox.poll(nanos, TimeUnit.NANOSECONDS);
        if (message == null) {
            return false;
        }
        take(message);
        return true;
    }

    /** Reports all that changed, then tells those who wait for results: the report comes first. */
    public void flush() {
        StepReport report = new StepReport(clock.micros(), publisher.wantsRunText());
        List<Runnable> completions = new ArrayList<>();
        try {
            for (Iterator<TrackedSequence> left = touched.iterator(); left.hasNext(); ) {
                TrackedSequence next = left.next();
                // Before it is settled: if that fails, it is not tried again.
                left.remove();
                settle(next, report, completions);
            }
            StepEvents events = report.events();
            if (!events.isEmpty()) {
                publisher.publish(events);
            }
        } finally {
            // A publisher with a fault ends decoding, but nobody may wait for a result that never comes.
            report.tellListeners();
            completions.forEach(Runnable::run);
        }
    }

    /** Takes in what has arrived and ends whatever waits or runs, for the given reason, whatever fails meanwhile. */
    public void shutDown(EndReason reason) {
        attemptQuiet();
        for (Message message = mailbox.poll(); message != null; message = mailbox.poll()) {
            Message last = message;
            attempt(() -> take(last));
        }
        attempt(() -> stop(sequence -> true, reason));
        do {
            attempt(this::flush);
        } while (!touched.isEmpty());
    }

    /** Sequences that wait or run, or have ended and were not reported. */
    int tracked() {
        return tracked.size();
    }

    /** There is something to report of a sequence. */
    void touched(TrackedSequence sequence) {
        touched.add(sequence);
    }

    private void attemptQuiet() {
        for (Runnable task = quiet.poll(); task != null; task = quiet.poll()) {
            attempt(task);
        }
    }

    /** A fault may be what the hub is shut down for; nobody may wait for a result that never comes because of it. */
    private static void attempt(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            LOG.error("A fault while the hub was shut down; it goes on", e);
        }
    }

    private void take(Message message) {
        // What was told before a command came is what it is settled against.
        takeInQuiet();
        if (message instanceof Arrived arrived) {
            commands.handle(arrived.command);
        } else if (message instanceof Unwanted unwanted) {
            stop(unwanted.chosen, unwanted.reason);
        } else if (message instanceof Posted posted) {
            posted.task.run();
        }
    }

    /** Ends the chosen ones in order of arrival. */
    private void stop(Predicate<TrackedSequence> chosen, EndReason reason) {
        for (TrackedSequence sequence : List.copyOf(tracked.values())) {
            if (sequence.endReason() == null && chosen.test(sequence)) {
                sequence.steering().stop(reason);
            }
        }
    }

    private void settle(TrackedSequence sequence, StepReport report, List<Runnable> completions) {
        EndReason reason = sequence.endReason();
        if (reason == null) {
            report.add(sequence, null);
            return;
        }
        GeneratedSequence result = result(sequence, reason);
        if (sequence.wasOpened()) {
            namesOfEnded.add(sequence.counter(), sequence.facts().names());
        }
        commands.ended(sequence);
        tracked.remove(sequence.counter());
        sequence.steering().reported(reason);
        completions.add(() -> complete(sequence, result));
        report.add(sequence, result);
    }

    private static GeneratedSequence result(TrackedSequence sequence, EndReason reason) {
        SequenceFacts facts = sequence.facts();
        SequenceFacts.Origin origin = facts.origin();
        SequenceContent.Ending ending = ending(sequence, reason);
        String answer = ending.answer();
        return new GeneratedSequence(
                sequence.counter(),
                sequence.group().id(),
                facts.route(),
                facts.model(),
                facts.request(),
                facts.sampling(),
                origin == null ? null : origin.parent(),
                origin == null ? null : origin.forkToken(),
                facts.continues(),
                facts.promptTokens(),
                sequence.decoded(),
                reason,
                ending.thinkingOpen(),
                ending.text(),
                answer,
                answer == null ? null : (Integer) sequence.group().answerClass(answer),
                ending.correct());
    }

    /** A fault in what an engine brought must not keep anybody waiting for a result. */
    private static SequenceContent.Ending ending(TrackedSequence sequence, EndReason reason) {
        try {
            return sequence.content().ending(sequence.decoded(), reason);
        } catch (RuntimeException e) {
            LOG.error("What sequence {} came to cannot be told; its result goes without", sequence.counter(), e);
            return new SequenceContent.Ending("", false, null, null);
        }
    }

    private static void complete(TrackedSequence sequence, GeneratedSequence result) {
        if (sequence.wasOpened()) {
            sequence.group().settles(result);
        } else {
            sequence.group().waitingEnds(result);
        }
        sequence.generation().served(sequence, result);
    }

    /** How commands find sequences. */
    private final class Directory implements SequenceDirectory {

        @Override
        public Optional<RunningSequence> running(long counter) {
            TrackedSequence sequence = tracked.get(counter);
            return sequence != null && sequence.isRunning() ? Optional.of(sequence) : Optional.empty();
        }

        /** Numbers are given in order and never twice, so no memory of ended sequences is needed. */
        @Override
        public boolean hasEnded(long counter) {
            TrackedSequence sequence = tracked.get(counter);
            return sequence == null ? counter >= 0 && counter < nextCounter.get() : sequence.endReason() != null;
        }

        @Override
        public SequenceNames names(long counter) {
            TrackedSequence sequence = tracked.get(counter);
            if (sequence == null) {
                return namesOfEnded.of(counter);
            }
            // Of one that waits nobody has heard, so that nobody can ask for it but by chance.
            return sequence.wasOpened() ? sequence.facts().names() : SequenceNames.UNKNOWN;
        }
    }

    /** What other threads have to say to the hub's. */
    private sealed interface Message {}

    private record Arrived(ReceivedCommand command) implements Message {}

    private record Unwanted(Predicate<TrackedSequence> chosen, EndReason reason) implements Message {}

    private record Posted(Runnable task) implements Message {}
}
