package io.edistream.benchmarks.drain;

import com.sun.management.OperatingSystemMXBean;
import io.edistream.benchmarks.Clients;
import io.edistream.benchmarks.Clients.Sender;
import io.edistream.benchmarks.FlinkJob;
import io.edistream.benchmarks.PlainJob;
import io.edistream.benchmarks.Row;
import io.edistream.benchmarks.Samples;
import io.edistream.benchmarks.Traffic;
import io.edistream.benchmarks.drain.ScoreTopic.Written;
import io.edistream.embedded.EmbeddedFlink;
import io.edistream.embedded.EmbeddedJob;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.jobs.sequences.SequenceSettings;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.Topics;
import io.edistream.schemas.UnreadableRecordException;
import io.edistream.signals.Scoring;
import io.edistream.signals.monitor.Policy;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The time in which the job drains a filled topic, divided by that of {@link PlainJob}, its work without Flink.
 *
 * <p>Both read the same records and write their final scores to the same topic; time is what passes between the sending
 * of the first and of the last score, as their producers noted it, so that starting up counts on neither side. Both must
 * write the same bytes, or the benchmark fails.
 */
public final class DrainBenchmark {

    private static final int ONE_ROW = 1;
    private static final double MAX_RATIO_OF_SINGLE_TOKENS = 2.5;
    private static final double MAX_RATIO_OF_STEPS = 1.5;
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Policy NO_RULES = new Policy(Scoring.DEFAULT, List.of());

    private final Clients clients;
    private final EmbeddedFlink flink;
    private final Size size;
    private final Topics out = new Topics("drained.");

    private DrainBenchmark(Clients clients, EmbeddedFlink flink, Size size) {
        this.clients = clients;
        this.flink = flink;
        this.size = size;
    }

    /**
     * How much to measure.
     *
     * @param singleTokenSequences sequences in the topic with one token per record
     * @param stepSequences sequences in the topic with one step per record
     * @param warmUps pairs of runs before the ones that count
     * @param pairs pairs of runs that count
     */
    public record Size(int singleTokenSequences, int stepSequences, int warmUps, int pairs) {}

    /** The table. */
    public static List<Row> run(Size size) throws InterruptedException, UnreadableRecordException {
        try (EmbeddedKafka kafka = EmbeddedKafka.start();
                EmbeddedFlink flink = EmbeddedFlink.start(1)) {
            DrainBenchmark benchmark = new DrainBenchmark(new Clients(kafka.bootstrapServers()), flink, size);
            kafka.createTopics(benchmark.out, 1);
            List<Row> rows = new ArrayList<>();
            Topics single = new Topics("single.");
            kafka.createTopics(single, 1);
            rows.addAll(benchmark.measure(
                    "one token per record",
                    benchmark.fill(single, size.singleTokenSequences(), ONE_ROW),
                    MAX_RATIO_OF_SINGLE_TOKENS));
            Topics steps = new Topics("steps.");
            kafka.createTopics(steps, 1);
            rows.addAll(benchmark.measure(
                    "a step of " + Traffic.LIVE + " per record",
                    benchmark.fill(steps, size.stepSequences(), Traffic.LIVE),
                    MAX_RATIO_OF_STEPS));
            return rows;
        }
    }

    private Filled fill(Topics topics, int sequences, int rowsPerRecord) {
        RecordCodec<TokenEntropyBatch> codec = RecordCodec.of(TokenEntropyBatch.class);
        byte[] key = Ids.generatorKey(Traffic.GENERATOR);
        long[] records = new long[1];
        try (Sender sender = clients.sender()) {
            long tokens = Traffic.records(sequences, rowsPerRecord, batch -> {
                sender.send(topics.tokenEntropy(), key, codec.encode(batch));
                records[0]++;
            });
            sender.flush();
            return new Filled(topics, sequences, records[0], tokens);
        }
    }

    private List<Row> measure(String layout, Filled filled, double maxRatio)
            throws InterruptedException, UnreadableRecordException {
        List<Pair> pairs = new ArrayList<>();
        try (ScoreTopic scores = new ScoreTopic(clients, out.scores())) {
            for (int i = -size.warmUps(); i < size.pairs(); i++) {
                Pair pair = pair(filled, scores, i % 2 == 0);
                if (i >= 0) {
                    pairs.add(pair);
                }
            }
        }
        Samples ratios = Samples.of(pairs.stream().mapToDouble(pair -> pair.flink / pair.plain));
        Samples processor = Samples.of(pairs.stream().mapToDouble(Pair::processorRatio));
        Samples job = Samples.of(pairs.stream().mapToDouble(pair -> filled.tokens / pair.flink / 1e3));
        Samples plain = Samples.of(pairs.stream().mapToDouble(pair -> filled.tokens / pair.plain / 1e3));
        Samples bare = Samples.of(pairs.stream().mapToDouble(pair -> filled.tokens / pair.bare / 1e3));
        return List.of(
                Row.held(layout + ": time of the job / plain loop", ratios.median(), "", maxRatio, ratios.spread()),
                Row.told(
                        layout + ": processor time of the JVM, job / plain loop, starting included",
                        processor.median(),
                        "",
                        processor.spread()),
                Row.told(layout + ": the job", job.median(), "thousand tokens/s", job.spread()),
                Row.told(layout + ": plain loop", plain.median(), "thousand tokens/s", plain.spread()),
                Row.told(layout + ": only poll and decode", bare.median(), "thousand tokens/s", bare.spread()));
    }

    private Pair pair(Filled filled, ScoreTopic scores, boolean flinkFirst)
            throws InterruptedException, UnreadableRecordException {
        Timed ofFlink;
        Timed ofPlain;
        if (flinkFirst) {
            ofFlink = timed(() -> runFlink(filled, scores));
            ofPlain = timed(() -> runPlain(filled, scores));
        } else {
            ofPlain = timed(() -> runPlain(filled, scores));
            ofFlink = timed(() -> runFlink(filled, scores));
        }
        if (ofFlink.written.hash() != ofPlain.written.hash()) {
            throw new IllegalStateException("the job and the plain loop wrote different scores");
        }
        return new Pair(
                ofFlink.written.seconds(),
                ofPlain.written.seconds(),
                runBare(filled),
                (double) ofFlink.processorNanos / ofPlain.processorNanos);
    }

    private static Timed timed(Run run) throws InterruptedException, UnreadableRecordException {
        OperatingSystemMXBean process = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        long before = process.getProcessCpuTime();
        Written written = run.run();
        return new Timed(written, process.getProcessCpuTime() - before);
    }

    private Written runFlink(Filled filled, ScoreTopic scores) throws InterruptedException {
        long before = scores.size();
        // Running scores off: none of the sequences is as long as their interval.
        SequenceSettings settings = new SequenceSettings(
                NO_RULES,
                Integer.MAX_VALUE,
                SequenceSettings.DEFAULT_IDLE_TIMEOUT,
                SequenceSettings.DEFAULT_FINISHED_MEMORY);
        EmbeddedJob job = FlinkJob.submit(flink, clients.bootstrapServers(), filled.topics, out, settings);
        scores.await(before + filled.sequences);
        job.cancel();
        return scores.read(before, filled.sequences);
    }

    private Written runPlain(Filled filled, ScoreTopic scores) throws UnreadableRecordException {
        long before = scores.size();
        try (Consumer<byte[], byte[]> consumer = clients.consumer(filled.topics.tokenEntropy());
                Sender sender = clients.sender()) {
            PlainJob job = new PlainJob(NO_RULES, out, sender);
            long taken = 0;
            while (taken < filled.records) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    job.take(record.value());
                    taken++;
                }
            }
            sender.flush();
        }
        return scores.read(before, filled.sequences);
    }

    /** Seconds from the first record to the last one. */
    private double runBare(Filled filled) throws UnreadableRecordException {
        RecordCodec<TokenEntropyBatch> codec = RecordCodec.of(TokenEntropyBatch.class);
        try (Consumer<byte[], byte[]> consumer = clients.consumer(filled.topics.tokenEntropy())) {
            long begun = 0;
            long tokens = 0;
            for (long taken = 0; taken < filled.records; ) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    begun = taken == 0 ? System.nanoTime() : begun;
                    tokens += codec.decode(record.value()).getRuns().size();
                    taken++;
                }
            }
            if (tokens != filled.tokens) {
                throw new IllegalStateException(tokens + " tokens were read of " + filled.tokens);
            }
            return (System.nanoTime() - begun) / 1e9;
        }
    }

    /**
     * A topic that was filled.
     *
     * @param topics its prefix
     * @param sequences sequences that start and finish in it
     * @param records records in it
     * @param tokens tokens in it
     */
    private record Filled(Topics topics, int sequences, long records, long tokens) {}

    /** One side's run over the topic. */
    @FunctionalInterface
    private interface Run {
        Written run() throws InterruptedException, UnreadableRecordException;
    }

    /**
     * A run.
     *
     * @param written its scores
     * @param processorNanos processor time of the whole JVM meanwhile, starting and broker included
     */
    private record Timed(Written written, long processorNanos) {}

    /**
     * One run of each kind.
     *
     * @param flink seconds of the job
     * @param plain seconds of the plain loop
     * @param bare seconds of polling and decoding
     * @param processorRatio processor time of the job divided by that of the plain loop
     */
    private record Pair(double flink, double plain, double bare, double processorRatio) {}
}
