package io.edistream.generator.decode;

import io.edistream.sequences.Continuation;
import io.edistream.sequences.PromptGroup;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.TokenListener;
import io.edistream.sequences.Uniforms;
import io.edistream.sequences.hub.Generation;
import io.edistream.sequences.hub.SequenceHub;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Where sequences come into being: what callers ask for, samples that a command starts, and what goes on from another route.
 * {@link #checked}, {@link #requireRoomFor} and {@link #accept} may be called from any thread; the rest is the decoding thread's.
 */
final class Intake {

    private final SequenceHub hub;
    private final Map<String, RouteDecoder> decoders;
    private final DecodeOptions options;
    private final AtomicInteger waiting = new AtomicInteger();

    Intake(SequenceHub hub, Map<String, RouteDecoder> decoders, DecodeOptions options) {
        this.hub = hub;
        this.decoders = new LinkedHashMap<>(decoders);
        this.options = options;
    }

    /**
     * What a request comes to on its route.
     *
     * @throws IllegalArgumentException if the route does not exist, a word is unknown, or the request could never fit
     */
    Admission checked(GenerationRequest request) {
        RouteDecoder decoder = decoders.get(request.route());
        if (decoder == null) {
            throw new IllegalArgumentException("no route " + request.route() + "; there is " + decoders.keySet());
        }
        List<Integer> prompt = decoder.route().encode(request.prompt());
        decoder.requireKnown(prompt);
        decoder.requireKnown(request.sampling().logitBias().keySet());
        decoder.requireFits(prompt.size(), request.maxNewTokens());
        return new Admission(decoder, prompt);
    }

    /** The route of that name; null if there is none. */
    @Nullable
    RouteDecoder decoder(String route) {
        return decoders.get(route);
    }

    /** Names of all routes. */
    String routes() {
        return decoders.keySet().toString();
    }

    /** Requests that may still be accepted. */
    int room() {
        return options.maxWaitingRequests() - waiting.get();
    }

    /**
     * Refuses what finds the queue full.
     *
     * @throws RejectedExecutionException if too many requests wait
     */
    void requireRoomFor(int samples) {
        if (samples > room()) {
            throw new RejectedExecutionException(samples + " requests refused: " + waiting.get()
                    + " wait already, and at most " + options.maxWaitingRequests() + " may");
        }
    }

    /** Accepts one sample; it waits from the next token boundary on. */
    Generation accept(
            long counter, PromptGroup group, Admission admission, GenerationRequest request, TokenListener listener) {
        Generation generation = hub.request(counter, group, listener);
        LiveSequence sequence = LiveSequence.root(
                hub,
                new LiveSequence.Start(
                        counter,
                        generation,
                        request,
                        request.sampling(),
                        admission.decoder.route(),
                        admission.prompt,
                        List.of(),
                        null,
                        waiting::decrementAndGet));
        group.sampleWaits();
        waiting.incrementAndGet();
        hub.post(() -> enqueue(sequence, admission.decoder));
        return generation;
    }

    /** Starts one more sample of a sequence's prompt; its seed is another one. */
    LiveSequence sampleLike(LiveSequence sequence, Sampling sampling, RouteDecoder decoder) {
        PromptGroup group = sequence.group();
        LiveSequence.Start like = sequence.start();
        // What an earlier sequence generated is no part of the prompt that is sampled.
        List<Integer> prompt =
                like.prompt().subList(0, like.prompt().size() - like.carried().size());
        long counter = hub.nextCounter();
        Sampling own = sampling.withSeed(Uniforms.sampleSeed(sampling.seed(), group.planned()));
        LiveSequence sample = LiveSequence.root(
                hub,
                new LiveSequence.Start(
                        counter,
                        hub.request(counter, group, TokenListener.NONE),
                        like.request().withSampling(own),
                        own,
                        like.route(),
                        prompt,
                        List.of(),
                        null,
                        waiting::decrementAndGet));
        group.plansOneMore();
        group.sampleWaits();
        waiting.incrementAndGet();
        enqueue(sample, decoder);
        return sample;
    }

    /** Lets a sequence's generation go on with another one, which waits before all others. */
    LiveSequence continuation(
            LiveSequence sequence, Rerouting.Possible plan, Sampling sampling, Continuation.Cause cause) {
        LiveSequence.Start from = sequence.start();
        RouteDecoder target = plan.target();
        long counter = hub.nextCounter();
        Sampling own = sampling.withSeed(
                Uniforms.childSeed(sampling.seed(), sequence.tokens().size(), 0));
        LiveSequence next = LiveSequence.root(
                hub,
                new LiveSequence.Start(
                        counter,
                        from.generation(),
                        from.request()
                                .onRoute(target.route().name())
                                .withSampling(own)
                                .withMaxNewTokens(plan.maxNewTokens()),
                        own,
                        target.route(),
                        plan.prompt(),
                        plan.carried(),
                        new Continuation(sequence.counter(), cause, plan.method(), plan.sharedTokens()),
                        () -> {}));
        sequence.group().continuationWaits();
        DecodeSteering.track(hub, next, target, this);
        target.enqueueFirst(next);
        return next;
    }

    private void enqueue(LiveSequence sequence, RouteDecoder decoder) {
        DecodeSteering.track(hub, sequence, decoder, this);
        decoder.enqueue(sequence);
    }

    /**
     * A request that is good.
     *
     * @param decoder of its route
     * @param prompt its prompt's tokens
     */
    record Admission(RouteDecoder decoder, List<Integer> prompt) {}
}
