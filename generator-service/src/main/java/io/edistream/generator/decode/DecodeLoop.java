package io.edistream.generator.decode;

import io.edistream.generator.control.CommandHandler;
import io.edistream.generator.control.ControlOptions;
import io.edistream.generator.control.OutcomePublisher;
import io.edistream.generator.control.ReceivedCommand;
import io.edistream.generator.event.EntropyPublisher;
import io.edistream.generator.event.StepEvents;
import io.edistream.generator.metrics.GeneratorMetrics;
import io.edistream.generator.sequence.EndReason;
import io.edistream.generator.sequence.GeneratedSequence;
import io.edistream.generator.sequence.GenerationHandle;
import io.edistream.generator.sequence.MicrosClock;
import io.edistream.generator.sequence.PromptGroup;
import io.edistream.generator.sequence.Uniforms;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decodes everything that is asked for, one token of every live sequence at a time, on all routes. Between two tokens
 * it takes in what arrived: requests, cancellations, commands. After each step it reports the whole batch at once.
 *
 * <p>{@link #step()}, {@link #awaitWork()} and {@link #shutDown} belong to one thread; everything else may be called
 * from any.
 */
public final class DecodeLoop {

    private static final Logger LOG = LoggerFactory.getLogger(DecodeLoop.class);

    private final DecodeOptions options;
    private final EntropyPublisher publisher;
    private final MicrosClock clock;
    private final Map<String, RouteDecoder> decoders = new LinkedHashMap<>();
    private final AtomicLong nextCounter = new AtomicLong();
    private final AtomicInteger waiting = new AtomicInteger();
    private final LinkedBlockingQueue<Message> mailbox = new LinkedBlockingQueue<>();
    private final Set<LiveSequence> touched = new LinkedHashSet<>();
    private final SteeredSequences sequences = new SteeredSequences(nextCounter, touched::add);
    private final CommandHandler commands;
    private final Object submitLock = new Object();
    private boolean shutDown;

    /**
     * @param routes at least one, names different
     * @throws IllegalArgumentException if there is no route, or two of the same name
     */
    public DecodeLoop(
            List<Route> routes,
            DecodeOptions options,
            ControlOptions controlOptions,
            EntropyPublisher publisher,
            OutcomePublisher outcomes,
            GeneratorMetrics metrics,
            MicrosClock clock) {
        this.options = options;
        this.publisher = publisher;
        this.clock = clock;
        this.commands = new CommandHandler(sequences, outcomes, controlOptions, metrics, clock);
        for (Route route : routes) {
            if (decoders.put(route.name(), new RouteDecoder(route, options, metrics, clock)) != null) {
                throw new IllegalArgumentException("two routes have the name " + route.name());
            }
        }
        if (decoders.isEmpty()) {
            throw new IllegalArgumentException("a decode loop needs at least one route");
        }
    }

    /**
     * Accepts samples of one prompt, which make a group. Sample 0 has the request's seed, the others seeds derived from
     * it.
     *
     * @param samples at least 1
     * @throws IllegalArgumentException if the route does not exist, a word is unknown, or the request could never fit
     * @throws RejectedExecutionException if too many requests wait
     * @throws IllegalStateException if the loop was shut down
     */
    public List<GenerationHandle> submit(GenerationRequest request, int samples) {
        if (samples < 1) {
            throw new IllegalArgumentException("samples must be at least 1, not " + samples);
        }
        Admission admission = checked(request);
        synchronized (submitLock) {
            requireRoomFor(samples);
            long first = nextCounter.getAndIncrement();
            PromptGroup group = new PromptGroup(
                    first, samples, () -> cancel(one -> one.group().id() == first));
            List<GenerationHandle> handles = new ArrayList<>();
            handles.add(accept(first, group, admission, request));
            for (int sample = 1; sample < samples; sample++) {
                long seed = Uniforms.sampleSeed(request.sampling().seed(), sample);
                GenerationRequest next = request.withSampling(request.sampling().withSeed(seed));
                handles.add(accept(nextCounter.getAndIncrement(), group, admission, next));
            }
            return List.copyOf(handles);
        }
    }

    /**
     * Accepts one more sample for a group.
     *
     * @throws IllegalArgumentException if the route does not exist, a word is unknown, or the request could never fit
     * @throws RejectedExecutionException if too many requests wait
     * @throws IllegalStateException if the loop was shut down
     */
    public GenerationHandle join(PromptGroup group, GenerationRequest request) {
        Admission admission = checked(request);
        synchronized (submitLock) {
            requireRoomFor(1);
            group.plansOneMore();
            return accept(nextCounter.getAndIncrement(), group, admission, request);
        }
    }

    /** Takes a command, to be settled at the next token boundary. */
    public void accept(ReceivedCommand command) {
        if (commands.admits(command)) {
            mailbox.add(new Arrived(command));
        }
    }

    /** Ends a wait for work. */
    public void wake() {
        mailbox.add(new Wake());
    }

    /**
     * One token boundary and one step: takes in what arrived, decodes one token of every sequence, reports.
     *
     * @return whether there is more to do at once
     */
    public boolean step() {
        // What comes while this is taken in waits for the next boundary: a flood does not keep tokens from being
        // decoded.
        for (int left = mailbox.size(); left > 0; left--) {
            take(mailbox.remove());
        }
        for (RouteDecoder decoder : decoders.values()) {
            if (decoder.isBusy()) {
                touched.addAll(decoder.step());
            }
        }
        settle();
        return decoders.values().stream().anyMatch(RouteDecoder::isBusy);
    }

    /**
     * Waits until something arrives.
     *
     * @throws InterruptedException if the thread is interrupted
     */
    public void awaitWork() throws InterruptedException {
        take(mailbox.take());
    }

    /** Accepts nothing any more and ends whatever waits or runs, for the given reason. */
    public void shutDown(EndReason reason) {
        synchronized (submitLock) {
            shutDown = true;
        }
        for (Message message = mailbox.poll(); message != null; message = mailbox.poll()) {
            Message last = message;
            attempt(() -> take(last));
        }
        sequences.stop(sequence -> true, reason);
        do {
            attempt(this::settle);
        } while (!touched.isEmpty());
    }

    /** A fault may be what the loop is shut down for; nobody may wait for a result that never comes because of it. */
    private static void attempt(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            LOG.error("A fault while the decode loop was shut down; it goes on", e);
        }
    }

    private Admission checked(GenerationRequest request) {
        RouteDecoder decoder = decoders.get(request.route());
        if (decoder == null) {
            throw new IllegalArgumentException("no route " + request.route() + "; there is " + decoders.keySet());
        }
        List<Integer> prompt = promptOf(request, decoder.route());
        decoder.requireKnown(prompt);
        decoder.requireFits(prompt.size(), request.maxNewTokens());
        return new Admission(decoder, prompt);
    }

    private static List<Integer> promptOf(GenerationRequest request, Route route) {
        return request.prompt() instanceof Prompt.Tokens tokens
                ? tokens.ids()
                : route.tokenizer().encode(((Prompt.Text) request.prompt()).text() + route.promptSuffix());
    }

    private void requireRoomFor(int samples) {
        if (shutDown) {
            throw new IllegalStateException("the generator was shut down");
        }
        if (samples > options.maxWaitingRequests() - waiting.get()) {
            throw new RejectedExecutionException(samples + " requests refused: " + waiting.get()
                    + " wait already, and at most " + options.maxWaitingRequests() + " may");
        }
    }

    private GenerationHandle accept(long counter, PromptGroup group, Admission admission, GenerationRequest request) {
        LiveSequence sequence = LiveSequence.root(counter, group, request, admission.decoder.route(), admission.prompt);
        group.sampleWaits();
        waiting.incrementAndGet();
        mailbox.add(new Submitted(sequence, admission.decoder));
        return new GenerationHandle(
                counter, group, sequence.completion(), () -> cancel(one -> one.rootCounter() == counter));
    }

    private void cancel(Predicate<LiveSequence> chosen) {
        mailbox.add(new Cancelled(chosen));
    }

    private void take(Message message) {
        if (message instanceof Submitted submitted) {
            sequences.add(submitted.sequence, submitted.decoder);
            submitted.decoder.enqueue(submitted.sequence);
        } else if (message instanceof Cancelled cancelled) {
            sequences.stop(cancelled.chosen, EndReason.CANCELLED);
        } else if (message instanceof Arrived arrived) {
            commands.handle(arrived.command);
        }
    }

    /** Reports all that changed, then tells those who wait for results: the report comes first. */
    private void settle() {
        StepReport report = new StepReport(clock.micros(), publisher.wantsRunText());
        List<Runnable> completions = new ArrayList<>();
        try {
            for (Iterator<LiveSequence> left = touched.iterator(); left.hasNext(); ) {
                LiveSequence next = left.next();
                // Before it is settled: if that fails, it is not tried again.
                left.remove();
                settle(next, report, completions);
            }
            StepEvents events = report.events();
            if (!events.isEmpty()) {
                publisher.publish(events);
            }
            decoders.values().forEach(RouteDecoder::reportOccupancy);
        } finally {
            // A publisher with a fault ends decoding, but nobody may wait for a result that never comes.
            completions.forEach(Runnable::run);
        }
    }

    private void settle(LiveSequence sequence, StepReport report, List<Runnable> completions) {
        if (sequence.leavesQueue()) {
            waiting.decrementAndGet();
        }
        EndReason reason = sequence.endReason();
        if (reason == null) {
            report.add(sequence, null);
            return;
        }
        GeneratedSequence result = Results.of(sequence, reason);
        sequences.remove(sequence);
        ended(sequence, reason);
        completions.add(() -> complete(sequence, result));
        report.add(sequence, result);
    }

    private void ended(LiveSequence sequence, EndReason reason) {
        RouteDecoder decoder = decoders.get(sequence.route().name());
        if (decoder != null) {
            decoder.reportEnd(sequence, reason);
        }
    }

    private static void complete(LiveSequence sequence, GeneratedSequence result) {
        if (sequence.isAdmitted()) {
            sequence.group().settles(result);
        } else {
            sequence.group().waitingEnds(result);
        }
        sequence.completion().complete(result);
    }

    private record Admission(RouteDecoder decoder, List<Integer> prompt) {}

    /** What other threads have to say to the one that decodes. */
    private sealed interface Message {}

    private record Submitted(LiveSequence sequence, RouteDecoder decoder) implements Message {}

    private record Cancelled(Predicate<LiveSequence> chosen) implements Message {}

    private record Arrived(ReceivedCommand command) implements Message {}

    private record Wake() implements Message {}
}
