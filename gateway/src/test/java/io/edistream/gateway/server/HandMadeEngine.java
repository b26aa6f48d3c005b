package io.edistream.gateway.server;

import io.edistream.gateway.engine.EngineModel;
import io.edistream.gateway.engine.EngineRequest;
import io.edistream.gateway.engine.TokenEngine;
import io.edistream.gateway.engine.TokenText;
import io.edistream.schemas.Ids;
import io.edistream.sequences.Ability;
import io.edistream.sequences.Alternative;
import io.edistream.sequences.Continuation;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.Intervention;
import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.Objection;
import io.edistream.sequences.Phase;
import io.edistream.sequences.PromptGroup;
import io.edistream.sequences.TokenListener;
import io.edistream.sequences.TokenStats;
import io.edistream.sequences.ToldSampling;
import io.edistream.sequences.UnmeasuredReason;
import io.edistream.sequences.control.ControlCommand;
import io.edistream.sequences.control.ControlOptions;
import io.edistream.sequences.control.ReceivedCommand;
import io.edistream.sequences.control.RecordingOutcomePublisher;
import io.edistream.sequences.event.EntropyKind;
import io.edistream.sequences.event.RecordingEntropyPublisher;
import io.edistream.sequences.hub.Engine;
import io.edistream.sequences.hub.Generation;
import io.edistream.sequences.hub.SequenceContent;
import io.edistream.sequences.hub.SequenceFacts;
import io.edistream.sequences.hub.SequenceHub;
import io.edistream.sequences.hub.Steering;
import io.edistream.sequences.hub.TrackedSequence;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An engine on a thread of its own whose tokens a test gives it, over a real hub: commands reach its sequences as they would a model's. On its
 * route stronger words are told in capitals, so that it shows whose vocabulary was asked.
 */
final class HandMadeEngine implements TokenEngine, AutoCloseable {

    static final int PROMPT_TOKENS = 7;

    private static final long GENERATOR = 0xABCDL;

    private final SequenceHub hub = new SequenceHub(
            new RecordingEntropyPublisher(),
            new RecordingOutcomePublisher(),
            ControlOptions.defaults(),
            new GeneratorMetrics(new PrometheusRegistry()),
            MicrosClock.system());
    private final List<String> words = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Served> served = new LinkedBlockingQueue<>();
    private final Map<Long, TrackedSequence> current = new ConcurrentHashMap<>();
    private final Map<Long, EngineRequest> requests = new ConcurrentHashMap<>();
    private final Map<Long, EndReason> ends = new ConcurrentHashMap<>();
    private final Thread thread = new Thread(this::run, "hand-made-engine");
    private volatile @Nullable RuntimeException refusal;
    private volatile boolean ready = true;

    HandMadeEngine() {
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * A request that was accepted.
     *
     * @param request as it came
     * @param choices in order
     */
    record Served(EngineRequest request, List<GenerationHandle> choices) {}

    private void run() {
        try {
            while (true) {
                hub.awaitArrival();
                hub.takeIn();
                hub.flush();
            }
        } catch (InterruptedException e) {
            hub.shutDown(EndReason.CANCELLED);
        }
    }

    /** Refuses what comes next; null accepts it. */
    void refuseWith(@Nullable RuntimeException why) {
        refusal = why;
    }

    void ready(boolean isReady) {
        ready = isReady;
    }

    /** The next request that was accepted. */
    Served next() throws InterruptedException {
        Served one = served.poll(20, TimeUnit.SECONDS);
        if (one == null) {
            throw new AssertionError("nobody asks");
        }
        return one;
    }

    /** Whether a request was accepted that {@link #next} has not returned. */
    boolean wasAsked() {
        return !served.isEmpty();
    }

    /** Gives a choice tokens, all in one report, unless it has ended. */
    void say(GenerationHandle choice, String... tokens) {
        hub.post(() -> {
            TrackedSequence sequence = current(choice);
            if (sequence.endReason() == null) {
                for (String token : tokens) {
                    sequence.append(token(sequence, token));
                }
            }
        });
    }

    /** Gives a choice tokens that nobody drew. */
    void force(GenerationHandle choice, String... tokens) {
        hub.post(() -> {
            for (String token : tokens) {
                current(choice).append(DecodedToken.unmeasured(id(token), UnmeasuredReason.FORCED, Phase.THINKING));
            }
        });
    }

    /** Ends a choice unless it has ended, with a last token if the model says so itself. */
    void end(GenerationHandle choice, EndReason reason) {
        hub.post(() -> {
            TrackedSequence sequence = current(choice);
            if (sequence.endReason() == null) {
                if (reason == EndReason.END_OF_SEQUENCE) {
                    sequence.append(token(sequence, "</s>"));
                }
                sequence.end(reason);
            }
        });
    }

    private TrackedSequence current(GenerationHandle choice) {
        TrackedSequence sequence = current.get(choice.counter());
        if (sequence == null) {
            throw new IllegalArgumentException("not one of this engine's: " + choice.counter());
        }
        return sequence;
    }

    /** Lets a rule decide. */
    void send(ControlCommand command) {
        hub.accept(new ReceivedCommand(command, MicrosClock.system().micros()));
    }

    boolean hasEnded(long sequence) {
        return ends.containsKey(sequence);
    }

    /** Waits until a sequence has ended. */
    EndReason awaitEnd(long sequence) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!ends.containsKey(sequence)) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("sequence " + sequence + " runs on");
            }
            Thread.onSpinWait();
        }
        return ends.get(sequence);
    }

    private DecodedToken token(TrackedSequence sequence, String word) {
        int id = id(word);
        List<Alternative> best = new ArrayList<>();
        EngineRequest request = requests.get(sequence.group().id());
        for (int rank = 0; rank < request.alternatives(); rank++) {
            best.add(new Alternative(id("other-" + rank), -1 - rank));
        }
        return new DecodedToken(new TokenStats(id, .5f, -.25f, 5, .5f, .5f, 1), 0, null, false, Phase.UNKNOWN, best);
    }

    private synchronized int id(String word) {
        int known = words.indexOf(word);
        if (known < 0) {
            words.add(word);
        }
        return known < 0 ? words.size() - 1 : known;
    }

    @Override
    public List<EngineModel> models() {
        return List.of(
                new EngineModel("small", Set.of("default"), "default", EntropyKind.RAW_EXACT, 20),
                new EngineModel("big", Set.of(), "stronger", EntropyKind.RAW_EXACT, 20));
    }

    @Override
    public boolean isReady() {
        return ready;
    }

    @Override
    public List<GenerationHandle> submit(EngineRequest request, TokenListener listener) {
        RuntimeException why = refusal;
        if (why != null) {
            throw why;
        }
        long first = hub.nextCounter();
        requests.put(first, request);
        PromptGroup group = new PromptGroup(
                first, request.choices(), () -> hub.cancel(one -> one.group().id() == first));
        List<GenerationHandle> handles = new ArrayList<>();
        for (int choice = 0; choice < request.choices(); choice++) {
            long counter = choice == 0 ? first : hub.nextCounter();
            Generation generation = hub.request(counter, group, listener);
            TrackedSequence sequence = create(counter, generation, request, request.route(), null);
            group.sampleWaits();
            hub.post(() -> begin(sequence, request));
            handles.add(generation);
        }
        served.add(new Served(request, handles));
        return handles;
    }

    private TrackedSequence create(
            long counter,
            Generation generation,
            EngineRequest request,
            String route,
            @Nullable Continuation continues) {
        return hub.create(counter, generation, facts(request, route, continues), new Words());
    }

    private void begin(TrackedSequence sequence, EngineRequest request) {
        hub.track(sequence, new HandMadeSteering(sequence, request));
        current.put(sequence.generation().counter(), sequence);
        sequence.open(1);
    }

    private static SequenceFacts facts(EngineRequest request, String route, @Nullable Continuation continues) {
        // What goes on elsewhere has what was generated in its prompt.
        int length = PROMPT_TOKENS + (continues == null ? 0 : continues.sharedTokens());
        return new SequenceFacts(
                "m",
                route,
                new Engine("hand-made", EnumSet.allOf(Ability.class), true),
                EntropyKind.RAW_EXACT,
                100,
                length,
                Collections.nCopies(length, 0),
                ToldSampling.of(request.sampling()),
                List.of(),
                null,
                continues,
                request.name(),
                request.traceContext(),
                null);
    }

    @Override
    public TokenText text(String route, int token) {
        String word = words.get(token);
        return TokenText.of(route.equals("stronger") ? word.toUpperCase(Locale.ROOT) : word);
    }

    @Override
    public String sequenceName(long sequence) {
        return Ids.text(GENERATOR, sequence);
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    /** The words of the tokens, but for what ends a sequence. */
    private final class Words implements SequenceContent {

        private int told;

        @Override
        public String newText(List<DecodedToken> tokens, boolean last) {
            String text = text(tokens.subList(told, tokens.size()));
            told = tokens.size();
            return text;
        }

        @Override
        public Ending ending(List<DecodedToken> tokens, EndReason reason) {
            return new Ending("", false, null, null);
        }

        private String text(List<DecodedToken> tokens) {
            return tokens.stream()
                    .map(token -> words.get(token.id()))
                    .filter(word -> !word.equals("</s>"))
                    .reduce("", String::concat);
        }
    }

    private final class HandMadeSteering implements Steering {

        private final TrackedSequence sequence;
        private final EngineRequest request;

        HandMadeSteering(TrackedSequence sequence, EngineRequest request) {
            this.sequence = sequence;
            this.request = request;
        }

        @Override
        public Optional<Objection> objectionTo(Intervention intervention) {
            return Optional.empty();
        }

        @Override
        public List<TrackedSequence> apply(Intervention intervention) {
            if (intervention instanceof Intervention.Conclude) {
                // The test forces what it likes.
                return List.of();
            }
            if (intervention instanceof Intervention.Reroute reroute) {
                long counter = hub.nextCounter();
                TrackedSequence next = create(
                        counter,
                        sequence.generation(),
                        request,
                        reroute.route(),
                        new Continuation(
                                sequence.counter(),
                                Continuation.Cause.REROUTE,
                                Continuation.Method.BY_IDS,
                                sequence.tokens()));
                sequence.group().continuationWaits();
                begin(next, request);
                stop(EndReason.REROUTED);
                return List.of(next);
            }
            if (intervention instanceof Intervention.Start) {
                // One more sample, which no client has asked for.
                long counter = hub.nextCounter();
                TrackedSequence sample = create(
                        counter,
                        hub.request(counter, sequence.group(), TokenListener.NONE),
                        request,
                        request.route(),
                        null);
                sequence.group().plansOneMore();
                sequence.group().sampleWaits();
                begin(sample, request);
                return List.of(sample);
            }
            stop(((Intervention.Stop) intervention).reason());
            return List.of();
        }

        @Override
        public boolean isForcing() {
            return false;
        }

        @Override
        public void withdraw() {}

        @Override
        public void stop(EndReason reason) {
            sequence.end(reason);
        }

        @Override
        public void reported(EndReason reason) {
            ends.put(sequence.counter(), reason);
        }
    }
}
