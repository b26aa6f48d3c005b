package io.edistream.generator.decode;

import io.edistream.sequences.EndReason;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.PromptGroup;
import io.edistream.sequences.TokenListener;
import io.edistream.sequences.Uniforms;
import io.edistream.sequences.control.ControlOptions;
import io.edistream.sequences.control.OutcomePublisher;
import io.edistream.sequences.control.ReceivedCommand;
import io.edistream.sequences.event.EntropyPublisher;
import io.edistream.sequences.hub.SequenceHub;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.edistream.signals.groups.SamplePlan;
import io.edistream.signals.groups.Votes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;

/**
 * Decodes everything that is asked for, one token of every live sequence at a time, on all routes. Between two tokens
 * it takes in what arrived: requests, cancellations, commands. After each step it reports the whole batch at once.
 *
 * <p>{@link #step()}, {@link #awaitWork()} and {@link #shutDown} belong to one thread; everything else may be called
 * from any.
 */
public final class DecodeLoop {

    private final SequenceHub hub;
    private final Intake intake;
    private final Map<String, RouteDecoder> decoders = new LinkedHashMap<>();
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
        this.hub = new SequenceHub(publisher, outcomes, controlOptions, metrics, clock);
        for (Route route : routes) {
            if (decoders.put(route.name(), new RouteDecoder(route, options, metrics, clock)) != null) {
                throw new IllegalArgumentException("two routes have the name " + route.name());
            }
        }
        if (decoders.isEmpty()) {
            throw new IllegalArgumentException("a decode loop needs at least one route");
        }
        this.intake = new Intake(hub, decoders, options);
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
        return submit(request, samples, TokenListener.NONE);
    }

    /**
     * The same, heard by somebody as the tokens come.
     *
     * @param listener hears the tokens of all samples
     */
    public List<GenerationHandle> submit(GenerationRequest request, int samples, TokenListener listener) {
        if (samples < 1) {
            throw new IllegalArgumentException("samples must be at least 1, not " + samples);
        }
        Intake.Admission admission = intake.checked(request);
        synchronized (submitLock) {
            requireOpen();
            intake.requireRoomFor(samples);
            long first = hub.nextCounter();
            PromptGroup group = groupOf(first, samples);
            List<GenerationHandle> handles = new ArrayList<>();
            for (int sample = 0; sample < samples; sample++) {
                long counter = sample == 0 ? first : hub.nextCounter();
                handles.add(acceptSample(counter, group, admission, request, sample, listener));
            }
            return List.copyOf(handles);
        }
    }

    /**
     * Accepts samples of one prompt that start when the votes so far ask for it.
     *
     * @throws IllegalArgumentException if the route does not exist, a word is unknown, or the request could never fit
     * @throws RejectedExecutionException if too many requests wait for the first ones to join
     * @throws IllegalStateException if the loop was shut down
     */
    public PlannedSamples submit(GenerationRequest request, SamplePlan plan) {
        Intake.Admission admission = intake.checked(request);
        synchronized (submitLock) {
            requireOpen();
            int first = plan.toStart(Votes.NONE, 0);
            intake.requireRoomFor(first);
            long id = hub.nextCounter();
            PromptGroup group = groupOf(id, first);
            PlannedSamples samples = new PlannedSamples(
                    group,
                    plan,
                    more -> startMore(group, admission, request, more),
                    () -> hub.end(one -> one.group().id() == id, EndReason.PRUNED),
                    admission.decoder()::reportSpared);
            group.decideBy(samples::ended);
            for (int sample = 0; sample < first; sample++) {
                GenerationHandle unused = acceptSample(
                        sample == 0 ? id : hub.nextCounter(), group, admission, request, sample, TokenListener.NONE);
            }
            return samples;
        }
    }

    /** On the decoding thread. What was accepted once is not turned away later, whatever waits. */
    private void startMore(PromptGroup group, Intake.Admission admission, GenerationRequest request, int more) {
        synchronized (submitLock) {
            for (int i = 0; i < more && !shutDown; i++) {
                int sample = group.planned();
                group.plansOneMore();
                GenerationHandle unused =
                        acceptSample(hub.nextCounter(), group, admission, request, sample, TokenListener.NONE);
            }
        }
    }

    private PromptGroup groupOf(long firstSequence, int planned) {
        return new PromptGroup(
                firstSequence, planned, () -> hub.cancel(one -> one.group().id() == firstSequence));
    }

    /** Sample 0 has the request's seed. */
    private GenerationHandle acceptSample(
            long counter,
            PromptGroup group,
            Intake.Admission admission,
            GenerationRequest request,
            int sample,
            TokenListener listener) {
        long seed = Uniforms.sampleSeed(request.sampling().seed(), sample);
        GenerationRequest own = request.withSampling(request.sampling().withSeed(seed));
        return intake.accept(counter, group, admission, own, listener);
    }

    /**
     * Accepts one more sample for a group.
     *
     * @throws IllegalArgumentException if the route does not exist, a word is unknown, or the request could never fit
     * @throws RejectedExecutionException if too many requests wait
     * @throws IllegalStateException if the loop was shut down
     */
    public GenerationHandle join(PromptGroup group, GenerationRequest request) {
        Intake.Admission admission = intake.checked(request);
        synchronized (submitLock) {
            requireOpen();
            intake.requireRoomFor(1);
            group.plansOneMore();
            return intake.accept(hub.nextCounter(), group, admission, request, TokenListener.NONE);
        }
    }

    /** Takes a command, to be settled at the next token boundary. */
    public void accept(ReceivedCommand command) {
        hub.accept(command);
    }

    /** No job is heard of: what lasts of commands is taken back. */
    public void nobodyWatches() {
        hub.nobodyWatches();
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
        return hub.hasArrivals() || decoders.values().stream().anyMatch(RouteDecoder::isBusy);
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

    private void requireOpen() {
        if (shutDown) {
            throw new IllegalStateException("the generator was shut down");
        }
    }
}
