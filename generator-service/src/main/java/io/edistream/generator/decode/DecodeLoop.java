package io.edistream.generator.decode;

import io.edistream.sequences.EndReason;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.PromptGroup;
import io.edistream.sequences.Uniforms;
import io.edistream.sequences.control.ControlOptions;
import io.edistream.sequences.control.OutcomePublisher;
import io.edistream.sequences.control.ReceivedCommand;
import io.edistream.sequences.event.EntropyPublisher;
import io.edistream.sequences.hub.SequenceHub;
import io.edistream.sequences.metrics.GeneratorMetrics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Decodes everything that is asked for, one token of every live sequence at a time, on all routes. Between two tokens
 * it takes in what arrived: requests, cancellations, commands. After each step it reports the whole batch at once.
 *
 * <p>{@link #step()}, {@link #awaitWork()} and {@link #shutDown} belong to one thread; everything else may be called
 * from any.
 */
public final class DecodeLoop {

    private final DecodeOptions options;
    private final SequenceHub hub;
    private final Map<String, RouteDecoder> decoders = new LinkedHashMap<>();
    private final AtomicInteger waiting = new AtomicInteger();
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
        this.hub = new SequenceHub(publisher, outcomes, controlOptions, metrics, clock);
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
            long first = hub.nextCounter();
            PromptGroup group = new PromptGroup(
                    first, samples, () -> hub.cancel(one -> one.group().id() == first));
            List<GenerationHandle> handles = new ArrayList<>();
            handles.add(accept(first, group, admission, request));
            for (int sample = 1; sample < samples; sample++) {
                long seed = Uniforms.sampleSeed(request.sampling().seed(), sample);
                GenerationRequest next = request.withSampling(request.sampling().withSeed(seed));
                handles.add(accept(hub.nextCounter(), group, admission, next));
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
            return accept(hub.nextCounter(), group, admission, request);
        }
    }

    /** Takes a command, to be settled at the next token boundary. */
    public void accept(ReceivedCommand command) {
        hub.accept(command);
    }

    /** Ends a wait for work. */
    public void wake() {
        hub.post(() -> {});
    }

    /**
     * One token boundary and one step: takes in what arrived, decodes one token of every sequence, reports.
     *
     * @return whether there is more to do at once
     */
    public boolean step() {
        hub.takeIn();
        for (RouteDecoder decoder : decoders.values()) {
            if (decoder.isBusy()) {
                decoder.step();
            }
        }
        decoders.values().forEach(RouteDecoder::reportOccupancy);
        hub.flush();
        return decoders.values().stream().anyMatch(RouteDecoder::isBusy);
    }

    /**
     * Waits until something arrives.
     *
     * @throws InterruptedException if the thread is interrupted
     */
    public void awaitWork() throws InterruptedException {
        hub.awaitArrival();
    }

    /** Accepts nothing any more and ends whatever waits or runs, for the given reason. */
    public void shutDown(EndReason reason) {
        synchronized (submitLock) {
            shutDown = true;
        }
        hub.shutDown(reason);
        decoders.values().forEach(RouteDecoder::reportOccupancy);
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
        LiveSequence sequence = LiveSequence.root(
                hub, counter, group, request, admission.decoder.route(), admission.prompt, waiting::decrementAndGet);
        group.sampleWaits();
        waiting.incrementAndGet();
        hub.post(() -> {
            DecodeSteering.track(hub, sequence, admission.decoder);
            admission.decoder.enqueue(sequence);
        });
        return new GenerationHandle(
                counter, group, sequence.tracked().completion(), () -> hub.cancel(one -> one.rootCounter() == counter));
    }

    private record Admission(RouteDecoder decoder, List<Integer> prompt) {}
}
