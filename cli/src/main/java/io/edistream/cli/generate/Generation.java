package io.edistream.cli.generate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.edistream.cli.JsonLine;
import io.edistream.cli.UserError;
import io.edistream.generator.GeneratorService;
import io.edistream.generator.decode.PlannedSamples;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.GeneratedSequence;
import io.edistream.signals.groups.SamplePlan;
import io.edistream.signals.groups.Votes;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Asks a generator for every line of the input and writes what becomes of it, prompt by prompt. */
final class Generation implements AutoCloseable {

    /**
     * Samples that are asked for at a time, more than any batch holds. Input that comes faster waits where it comes
     * from, instead of here.
     */
    private static final int MAX_OUTSTANDING = 4 * GenerationLine.MAX_SAMPLES;

    private final GeneratorService generator;
    private final long generatorId;
    private final GenerationLine.Defaults defaults;
    private final SplittableRandom seeds;
    private final PrintWriter out;
    private final PrintWriter err;
    private final Runnable beforeLines;
    private final JsonMapper mapper = new JsonMapper();
    private final Semaphore room = new Semaphore(MAX_OUTSTANDING);
    private final ExecutorService writer = Executors.newSingleThreadExecutor(Generation::daemon);
    private volatile boolean failed;
    private volatile @Nullable RuntimeException unwritable;

    /**
     * @param generator to ask; closed with this
     * @param generatorId its id
     * @param seed of the seeds of lines that have none
     * @param beforeLines run before lines are written
     */
    Generation(
            GeneratorService generator,
            long generatorId,
            GenerationLine.Defaults defaults,
            long seed,
            PrintWriter out,
            PrintWriter err,
            Runnable beforeLines) {
        this.generator = generator;
        this.generatorId = generatorId;
        this.defaults = defaults;
        this.seeds = new SplittableRandom(seed);
        this.out = out;
        this.err = err;
        this.beforeLines = beforeLines;
    }

    /**
     * Returns when the input has ended and everything is decoded.
     *
     * @return whether every line was good and no sequence ended with an error
     */
    boolean run(InputStream lines) throws InterruptedException {
        // A thread that reads standard input cannot be interrupted, so it is not this one.
        FutureTask<Boolean> reading =
                new FutureTask<>(() -> JsonLine.forEach(lines, err, line -> ask(line, seeds.nextLong())));
        daemon(reading).start();
        try {
            boolean good = reading.get();
            room.acquire(MAX_OUTSTANDING);
            requireWritable();
            return good && !failed;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UserError error) {
                throw error;
            }
            throw new IllegalStateException("the input cannot be read on: " + e.getCause(), e);
        }
    }

    /** Closes the generator, so that everything ends, and writes what has not been written. */
    @Override
    public void close() {
        generator.close();
        writer.shutdown();
        try {
            boolean unused = writer.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        out.flush();
    }

    private void ask(String text, long seed) throws InterruptedIOException {
        requireWritable();
        GenerationLine line = GenerationLine.parse(text, defaults, seed);
        try {
            room.acquire(line.samples());
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        }
        try {
            CompletableFuture<Void> unused = line.plan() == null ? askForAll(line) : askFor(line, line.plan());
        } catch (RuntimeException e) {
            room.release(line.samples());
            throw e;
        }
    }

    private CompletableFuture<Void> askForAll(GenerationLine line) {
        return generator
                .submit(line.request(), line.samples())
                .get(0)
                .group()
                .whenIdle()
                .thenAcceptAsync(ended -> write(line, ended, null), writer);
    }

    private CompletableFuture<Void> askFor(GenerationLine line, SamplePlan plan) {
        PlannedSamples samples = generator.submit(line.request(), plan);
        return samples.group().whenIdle().thenAcceptAsync(ended -> write(line, ended, samples.votes()), writer);
    }

    /**
     * @param votes of a group with a strategy; null if it has none
     */
    private void write(GenerationLine line, List<GeneratedSequence> ended, @Nullable Votes votes) {
        try {
            WholeTexts texts = new WholeTexts(ended);
            beforeLines.run();
            ended.forEach(sequence ->
                    out.println(json(ResultLine.of(line.id(), generatorId, sequence, texts.of(sequence), votes))));
            out.flush();
            if (ended.stream().anyMatch(sequence -> sequence.reason() == EndReason.ERROR)) {
                failed = true;
            }
        } catch (RuntimeException e) {
            unwritable = e;
        } finally {
            room.release(line.samples());
        }
    }

    /** Results that nobody takes are not worth the work. */
    private void requireWritable() {
        RuntimeException failure = unwritable;
        if (failure != null) {
            throw failure;
        }
    }

    private String json(ResultLine line) {
        try {
            return mapper.writeValueAsString(line);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a result cannot be written as JSON: " + e.getMessage(), e);
        }
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "edistream-generate");
        thread.setDaemon(true);
        return thread;
    }
}
