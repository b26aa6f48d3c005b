package io.edistream.benchmarks.million;

import io.edistream.benchmarks.Clients;
import io.edistream.benchmarks.Clients.Sender;
import io.edistream.benchmarks.FlinkJob;
import io.edistream.benchmarks.Row;
import io.edistream.benchmarks.Traffic;
import io.edistream.benchmarks.TwoRules;
import io.edistream.embedded.EmbeddedFlink;
import io.edistream.embedded.EmbeddedJob;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.Topics;
import io.edistream.schemas.UnreadableRecordException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Whether the job keeps up while a million sequences of eight generators live, in the heap that this JVM was given, which
 * the broker and the generators' load share with it. Each sequence gets a token in turn. How far the job has come is read
 * from its heartbeats, of which one comes every two seconds: being two seconds behind is as good as it can look.
 */
public final class MillionBenchmark {

    private static final int GENERATORS = 8;
    private static final double MAX_SECONDS_BEHIND = 5;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double BYTES_PER_GIB = 1 << 30;
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(2);
    private static final long WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Sender sender;
    private final Progress progress;
    private final Topics topics;
    private final int sequencesEach;
    private final int tokensPerSecond;
    private final RecordCodec<TokenEntropyBatch> codec = RecordCodec.of(TokenEntropyBatch.class);
    private final long[] recordNumbers = new long[GENERATORS];
    private long records;

    private MillionBenchmark(Sender sender, Progress progress, Topics topics, int sequencesEach, int tokensPerSecond) {
        this.sender = sender;
        this.progress = progress;
        this.topics = topics;
        this.sequencesEach = sequencesEach;
        this.tokensPerSecond = tokensPerSecond;
    }

    /**
     * The table.
     *
     * @param sequences live ones, a multiple of 256
     * @param tokensPerSecond tokens of all of them together
     * @param passes how often each gets a token once all have started, at least 1
     */
    public static List<Row> run(int sequences, int tokensPerSecond, int passes) throws UnreadableRecordException {
        Topics topics = Topics.DEFAULT;
        try (EmbeddedKafka kafka = EmbeddedKafka.start();
                EmbeddedFlink flink = EmbeddedFlink.start(1)) {
            kafka.createTopics(topics, GENERATORS);
            EmbeddedJob job = new FlinkJob(
                            kafka.bootstrapServers(),
                            topics,
                            topics,
                            WatchSettings.DEFAULT.with(TwoRules.thatNeverFire()))
                    .submit(flink);
            Clients clients = new Clients(kafka.bootstrapServers());
            try (Sender sender = clients.sender();
                    Progress progress = new Progress(clients, topics, GENERATORS)) {
                MillionBenchmark benchmark =
                        new MillionBenchmark(sender, progress, topics, sequences / GENERATORS, tokensPerSecond);
                List<Row> rows = benchmark.measure(sequences, passes);
                job.failure().ifPresent(failure -> {
                    throw new IllegalStateException("the job failed meanwhile: " + failure);
                });
                return rows;
            }
        }
    }

    private List<Row> measure(int sequences, int passes) throws UnreadableRecordException {
        pass(0);
        awaitAll();
        double behind = 0;
        long begun = System.nanoTime();
        for (int pass = 1; pass <= passes; pass++) {
            behind = Math.max(behind, pass(pass));
        }
        double seconds = (System.nanoTime() - begun) / NANOS_PER_SECOND;
        long produced = (long) sequences * passes;
        awaitAll();
        return List.of(
                Row.held(
                        "largest backlog of the job, seconds of traffic",
                        behind,
                        "s",
                        MAX_SECONDS_BEHIND,
                        "up to 2 s of it is the age of a heartbeat"),
                Row.told("live sequences", sequences, "", ""),
                Row.told("tokens per second", produced / seconds, "", ""),
                Row.told("heap of the JVM, -Xmx", Runtime.getRuntime().maxMemory() / BYTES_PER_GIB, "GiB", ""));
    }

    /** A token for each sequence, at the pace; returns the largest backlog, seconds of traffic. */
    private double pass(int token) throws UnreadableRecordException {
        double behind = 0;
        long begun = System.nanoTime();
        long sent = 0;
        for (int first = 0; first < sequencesEach; first += Traffic.LIVE) {
            for (int generator = 0; generator < GENERATORS; generator++) {
                send(generator, first, token);
                sent += Traffic.LIVE;
            }
            long due = begun + (long) (sent * NANOS_PER_SECOND / tokensPerSecond);
            for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            behind = Math.max(behind, behindSeconds());
        }
        return behind;
    }

    private double behindSeconds() throws UnreadableRecordException {
        return (double) (records - progress.processed()) * Traffic.LIVE / tokensPerSecond;
    }

    private void awaitAll() throws UnreadableRecordException {
        sender.flush();
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (progress.processed() < records) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "the job has come to " + progress.processed() + " of " + records + " records");
            }
            LockSupport.parkNanos(WAIT_NANOS);
        }
    }

    private void send(int generator, int first, int token) {
        long id = Traffic.GENERATOR + generator;
        TokenEntropyBatch step = Traffic.record(
                id, recordNumbers[generator]++, TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis()));
        for (int i = first; i < Math.min(sequencesEach, first + Traffic.LIVE); i++) {
            if (token == 0) {
                step.getStarts().add(Traffic.start(i));
            }
            float entropy = (float) ((token + i) % 10) / 10;
            Traffic.addToken(step, i, token, entropy, -entropy, 5f, i % 3);
        }
        sender.send(topics.tokenEntropy(), Ids.generatorKey(id), codec.encode(step));
        records++;
    }
}
