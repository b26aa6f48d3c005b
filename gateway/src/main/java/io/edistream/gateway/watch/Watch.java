package io.edistream.gateway.watch;

import io.edistream.gateway.config.Route;
import io.edistream.schemas.Ids;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.PromptGroup;
import io.edistream.sequences.control.CommandSink;
import io.edistream.sequences.control.ControlInbox;
import io.edistream.sequences.control.ControlOptions;
import io.edistream.sequences.control.OutcomePublisher;
import io.edistream.sequences.control.ReceivedCommand;
import io.edistream.sequences.event.EntropyPublisher;
import io.edistream.sequences.hub.SequenceHub;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.edistream.sequences.metrics.SequenceLedger;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches answers: a hub on a thread of its own, which reports every {@value #FLUSH_MILLIS} ms or
 * {@value #FLUSH_TOKENS} tokens, whichever comes first. Whoever brings tokens never waits for it: what it cannot take in is lost,
 * and counted.
 */
public final class Watch implements AutoCloseable {

    /** Tokens that may wait for the hub's thread. */
    static final int MAX_WAITING_TOKENS = 65_536;

    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);
    /** Models and routes that metrics tell apart. */
    static final int MAX_LEDGERS = 256;

    private static final String OTHER = "other";
    private static final int FLUSH_MILLIS = 20;
    private static final long FLUSH_NANOS = TimeUnit.MILLISECONDS.toNanos(FLUSH_MILLIS);

    private final long generator;
    private final EntropyPublisher events;
    private final ControlInbox commands;
    private final OutcomePublisher outcomes;
    private final MicrosClock clock;
    private final SequenceHub hub;
    private final GeneratorMetrics metrics;
    private final boolean keepsText;
    private final IntConsumer lost;
    private final Thread thread;
    private final AtomicInteger waitingTokens = new AtomicInteger();

    /** Of the thread that begins answers. */
    private final Groups groups = new Groups(System::nanoTime);

    private volatile boolean closing;
    private volatile boolean behind;
    private volatile boolean resting;

    /** Of the hub's thread. */
    private final Map<String, SequenceLedger> ledgers = new HashMap<>();

    /**
     * Starts it. Kafka need not be there.
     *
     * @param generator random id of this source of tokens, never used before
     * @param keepsText whether the text of answers may leave, so that it has to be kept until they end
     * @param lost takes how many tokens were lost on the way to the hub
     */
    public Watch(
            long generator,
            EntropyPublisher events,
            ControlInbox commands,
            OutcomePublisher outcomes,
            GeneratorMetrics metrics,
            MicrosClock clock,
            boolean keepsText,
            IntConsumer lost) {
        this.generator = generator;
        this.events = events;
        this.commands = commands;
        this.outcomes = outcomes;
        this.metrics = metrics;
        this.clock = clock;
        this.keepsText = keepsText;
        this.lost = lost;
        // Each route has a limit of its own below it, which counts no conclusion; of that there is one.
        ControlOptions options = ControlOptions.defaults().withReroutes(Route.MAX_REROUTES + 1);
        hub = new SequenceHub(events, outcomes, options, metrics, clock);
        thread = new Thread(this::run, "edistream-hub");
        // Answers do not wait for it; a gauge of the inbox says whether commands can arrive.
        CompletableFuture<Void> unused = commands.start(new CommandSink() {
            @Override
            public void accept(ReceivedCommand command) {
                hub.accept(command);
            }

            @Override
            public void nobodyWatches() {
                hub.nobodyWatches();
            }
        });
        thread.start();
    }

    /**
     * An answer is asked for. From one thread.
     *
     * @param steering steers it where it flows; null if nothing can
     */
    public WatchedAnswer begin(AnswerFacts facts, @Nullable AnswerSteering steering) {
        long first = hub.nextCounter();
        String name = facts.group();
        PromptGroup group = name == null
                ? new PromptGroup(first, facts.choices(), () -> {})
                : groups.join(name, first, facts.choices());
        return new WatchedAnswer(this, hub, first, group, facts, steering);
    }

    /**
     * A prompt is asked for samples of which a strategy decides how many there are. From one thread.
     *
     * @param planned how many of them there are at first
     */
    public SampledPrompt sampled(int planned) {
        return new SampledPrompt(this, hub, planned);
    }

    /** The hub's thread only. */
    SequenceLedger ledger(String model, String route) {
        String name = model + '\0' + route;
        SequenceLedger known = ledgers.get(name);
        if (known != null) {
            return known;
        }
        // Clients write names of models; whatever they write, there is a bound of series.
        boolean room = ledgers.size() < MAX_LEDGERS;
        SequenceLedger ledger = room ? metrics.ledger(model, route) : others();
        if (room) {
            ledgers.put(name, ledger);
        }
        return ledger;
    }

    private SequenceLedger others() {
        return ledgers.computeIfAbsent("", first -> metrics.ledger(OTHER, OTHER));
    }

    /** A sequence's name for people, as every tool of ours takes it. */
    public String sequenceName(long counter) {
        return Ids.text(generator, counter);
    }

    void lost(int tokens) {
        lost.accept(tokens);
    }

    boolean keepsText() {
        return keepsText;
    }

    MicrosClock clock() {
        return clock;
    }

    /**
     * Lets the hub's thread take in tokens.
     *
     * @return false if too many wait: then it does nothing
     */
    boolean offer(int tokens, Runnable taken) {
        if (waitingTokens.addAndGet(tokens) > MAX_WAITING_TOKENS) {
            waitingTokens.addAndGet(-tokens);
            if (!behind) {
                behind = true;
                LOG.warn(
                        "More than {} tokens wait to be watched: measurements are lost from now on; answers flow on",
                        MAX_WAITING_TOKENS);
            }
            return false;
        }
        tell(() -> {
            waitingTokens.addAndGet(-tokens);
            taken.run();
        });
        return true;
    }

    /**
     * Lets the hub's thread take in what is told of answers, in this order, before it takes in the next command. It is woken only
     * if it rests: at hundreds of tokens a second it is awake for the next flush anyhow.
     */
    void tell(Runnable taken) {
        hub.postQuietly(taken);
        if (resting) {
            resting = false;
            hub.post(() -> {});
        }
    }

    private void run() {
        EndReason reason = EndReason.ERROR;
        try {
            while (!closing) {
                rest();
                long due = System.nanoTime() + FLUSH_NANOS;
                hub.takeIn();
                for (long left = FLUSH_NANOS; left > 0 && !closing; left = due - System.nanoTime()) {
                    // Commands do not wait for the flush; what is told of answers does.
                    if (hub.awaitArrival(left)) {
                        hub.takeIn();
                    }
                }
                hub.takeIn();
                flush();
            }
            reason = EndReason.CANCELLED;
        } catch (InterruptedException | RuntimeException e) {
            LOG.error("Watching stopped; answers flow on, and nobody sees them", e);
        } finally {
            try {
                commands.close();
            } finally {
                hub.shutDown(reason);
            }
        }
    }

    /** Until there is something to do. Whoever tells something sees that it rests, or it sees what was told. */
    private void rest() throws InterruptedException {
        resting = true;
        if (!hub.hasArrivals()) {
            hub.awaitArrival();
        }
        resting = false;
    }

    private void flush() {
        hub.flush();
        if (behind && waitingTokens.get() < MAX_WAITING_TOKENS / 2) {
            behind = false;
            LOG.warn("Tokens are watched again");
        }
    }

    /** Ends what is watched, reports that, and frees everything. Answers are not touched by it. */
    @Override
    public void close() {
        closing = true;
        hub.post(() -> {});
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        try {
            outcomes.close();
        } finally {
            events.close();
        }
    }
}
