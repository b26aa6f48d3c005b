package io.edistream.generator;

import io.edistream.generator.decode.DecodeLoop;
import io.edistream.generator.decode.GenerationRequest;
import io.edistream.generator.decode.PlannedSamples;
import io.edistream.generator.decode.Route;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.PromptGroup;
import io.edistream.sequences.TokenListener;
import io.edistream.sequences.control.CommandSink;
import io.edistream.sequences.control.ReceivedCommand;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.edistream.signals.groups.SamplePlan;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running generator: takes requests from any thread, decodes them on one thread of its own, reports and obeys.
 *
 * <p>Results are completed on the decoding thread; whoever hangs work on them should hand it to another one.
 */
public final class GeneratorService implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GeneratorService.class);

    private final GeneratorParts parts;
    private final DecodeLoop loop;
    private final Thread thread;
    private final CompletableFuture<Void> commandsReady;
    private volatile boolean closing;

    private GeneratorService(GeneratorParts parts, GeneratorOptions options) {
        this.parts = parts;
        this.loop = new DecodeLoop(
                parts.routes(),
                options.decode(),
                options.control(),
                parts.events(),
                parts.outcomes(),
                parts.metrics(),
                parts.clock());
        this.thread = new Thread(this::run, "edistream-decode");
        this.commandsReady = parts.commands().start(new CommandSink() {
            @Override
            public void accept(ReceivedCommand command) {
                loop.accept(command);
            }

            @Override
            public void nobodyWatches() {
                loop.nobodyWatches();
            }
        });
    }

    /**
     * Starts a generator. It decodes whether or not Kafka can be reached. If it cannot be started, its parts are closed.
     *
     * @throws IllegalArgumentException if there is no route, or two of the same name
     */
    public static GeneratorService start(GeneratorParts parts, GeneratorOptions options) {
        try {
            GeneratorService service = new GeneratorService(parts, options);
            service.thread.start();
            return service;
        } catch (RuntimeException e) {
            try {
                runAll(Stream.concat(Stream.of(parts.commands()::close), closingOfAllButCommands(parts)));
            } catch (RuntimeException closing) {
                e.addSuppressed(closing);
            }
            throw e;
        }
    }

    /** As {@link #submit(GenerationRequest, int)}, for one sample. */
    public GenerationHandle submit(GenerationRequest request) {
        return loop.submit(request, 1).get(0);
    }

    /**
     * Accepts samples of one prompt, which make a group. Sample 0 has the request's seed, the others seeds derived from
     * it.
     *
     * @param samples at least 1
     * @throws IllegalArgumentException if the route does not exist, a word is unknown, or the request could never fit
     * @throws java.util.concurrent.RejectedExecutionException if too many requests wait
     * @throws IllegalStateException if the generator was closed
     */
    public List<GenerationHandle> submit(GenerationRequest request, int samples) {
        return loop.submit(request, samples);
    }

    /**
     * As {@link #submit(GenerationRequest, int)}, heard as the tokens come.
     *
     * @param listener hears the tokens of all samples, on the decoding thread
     */
    public List<GenerationHandle> submit(GenerationRequest request, int samples, TokenListener listener) {
        return loop.submit(request, samples, listener);
    }

    /**
     * Accepts samples of one prompt that start when the votes so far ask for it.
     *
     * @throws IllegalArgumentException if the route does not exist, a word is unknown, or the request could never fit
     * @throws java.util.concurrent.RejectedExecutionException if too many requests wait
     * @throws IllegalStateException if the generator was closed
     */
    public PlannedSamples submit(GenerationRequest request, SamplePlan plan) {
        return loop.submit(request, plan);
    }

    /** As {@link #submit(GenerationRequest)}, but as one more sample of a group. */
    public GenerationHandle join(PromptGroup group, GenerationRequest request) {
        return loop.join(group, request);
    }

    /** Completes when no command can be missed any more; until then, rules may decide in vain. */
    public CompletableFuture<Void> commandsReady() {
        return commandsReady.copy();
    }

    /** Whether it decodes what it is asked for: it has not been closed, nor ended by a fault. */
    public boolean isDecoding() {
        return thread.isAlive() && !closing;
    }

    /** The models that requests can name. Closed with the generator. */
    public List<Route> routes() {
        return parts.routes();
    }

    /** The generator's metrics, for whoever exposes them. */
    public GeneratorMetrics metrics() {
        return parts.metrics();
    }

    /**
     * Cancels whatever waits or runs, reports that, and frees everything; a part that fails to close does not keep the
     * others from being closed, and its exception is thrown in the end.
     *
     * @throws IllegalStateException if called on the decoding thread, as by what hangs directly on a result: it would wait
     *     for itself. Nothing is closed then
     */
    @Override
    public void close() {
        if (Thread.currentThread() == thread) {
            throw new IllegalStateException("a generator cannot be closed on its decoding thread, where results are"
                    + " completed: hand that to another thread, for instance with whenCompleteAsync");
        }
        runAll(Stream.concat(Stream.of(parts.commands()::close, this::stopDecoding), closingOfAllButCommands(parts)));
    }

    private void stopDecoding() {
        closing = true;
        loop.wake();
        joinThread();
    }

    private static Stream<Runnable> closingOfAllButCommands(GeneratorParts parts) {
        return Stream.concat(
                Stream.of(parts.outcomes()::close, parts.events()::close),
                parts.routes().stream().map(route -> route::close));
    }

    /** Runs all of them, whatever some of them throw; the first exception, with the others suppressed, is thrown then. */
    private static void runAll(Stream<Runnable> actions) {
        List<RuntimeException> failures = new ArrayList<>();
        actions.forEach(action -> {
            try {
                action.run();
            } catch (RuntimeException e) {
                failures.add(e);
            }
        });
        if (!failures.isEmpty()) {
            RuntimeException first = failures.get(0);
            failures.subList(1, failures.size()).forEach(first::addSuppressed);
            throw first;
        }
    }

    private void run() {
        EndReason reason = EndReason.ERROR;
        try {
            decodeUntilClosed();
            reason = EndReason.CANCELLED;
        } catch (InterruptedException | RuntimeException e) {
            LOG.error("Decoding stopped; every sequence ends with an error", e);
        } finally {
            try {
                // Nobody settles commands any more; they would pile up.
                parts.commands().close();
            } finally {
                // Whatever happened, nobody may wait for a result that never comes.
                loop.shutDown(reason);
            }
        }
    }

    private void decodeUntilClosed() throws InterruptedException {
        while (!closing) {
            if (!loop.step()) {
                loop.awaitWork();
            }
        }
    }

    private void joinThread() {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                // The models must not be freed under the decoding thread; it ends after this step.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
