package io.edistream.benchmarks.drain;

import com.sun.management.OperatingSystemMXBean;
import io.edistream.benchmarks.Clients;
import io.edistream.benchmarks.Clients.Sender;
import io.edistream.benchmarks.FlinkJob;
import io.edistream.benchmarks.PlainJob;
import io.edistream.benchmarks.RecordReader;
import io.edistream.benchmarks.Row;
import io.edistream.benchmarks.Samples;
import io.edistream.benchmarks.Traffic;
import io.edistream.benchmarks.TwoRules;
import io.edistream.benchmarks.drain.ScoreTopic.Written;
import io.edistream.embedded.EmbeddedFlink;
import io.edistream.embedded.EmbeddedJob;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.Topics;
import io.edistream.schemas.UnreadableRecordException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The time in which the job drains a filled topic, divided by that of {@link PlainJob}, its work without Flink.
 *
 * <p>Both read the same records and write their scores to the same topic; time is what passes between the sending
 * of the first and of the last score, as their producers noted it, so that starting up counts on neither side. Both must
 * write the same bytes, or the benchmark fails.
 */
public final class DrainBenchmark {

    private static final int ONE_ROW = 1;
    private static final Duration POLL = Duration.ofMillis(100);
    /** No sequence is as long as the interval. */
    private static final WatchSettings FINAL_SCORES_ONLY = WatchSettings.DEFAULT.withScoreInterval(Integer.MAX_VALUE);

    private static final WatchSettings RUNNING_SCORES_TWO_RULES = WatchSettings.DEFAULT.with(TwoRules.thatNeverFire());
    private static final Baseline SAME_DECODER = new Baseline("plain loop", RecordReader::byHand);
    private static final Baseline AVRO = new Baseline("plain loop with Avro's decoder", RecordReader::byAvro);

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
            Filled single = benchmark.fill(new Topics("single."), kafka, size.singleTokenSequences(), ONE_ROW);
            Filled steps = benchmark.fill(new Topics("steps."), kafka, size.stepSequences(), Traffic.LIVE);
            List<Row> rows = new ArrayList<>();
            rows.addAll(benchmark.measure(
                    "steps of " + Traffic.LIVE + ", running scores, two rules",
                    steps,
                    RUNNING_SCORES_TWO_RULES,
                    SAME_DECODER,
                    1.2));
            String plainSteps = "steps of " + Traffic.LIVE + ", final scores alone";
            rows.addAll(benchmark.measure(plainSteps, steps, FINAL_SCORES_ONLY, SAME_DECODER, 1.3));
            rows.addAll(benchmark.measure(plainSteps, steps, FINAL_SCORES_ONLY, AVRO, 0.9));
            rows.addAll(benchmark.measure(
                    "one token per record, final scores alone", single, FINAL_SCORES_ONLY, SAME_DECODER, 1.2));
            return rows;
        }
    }

    private Filled fill(Topics topics, EmbeddedKafka kafka, int sequences, int rowsPerRecord) {
        kafka.createTopics(topics, 1);
        RecordCodec<TokenEntropyBatch> codec = RecordCodec.of(TokenEntropyBatch.class);
        byte[] key = Ids.generatorKey(Traffic.GENERATOR);
        long[] records = new long[1];
        int[] running = new int[1];
        try (Sender sender = clients.sender()) {
            long tokens = Traffic.records(Traffic.Shape.quiet(sequences, rowsPerRecord), batch -> {
                sender.send(topics.tokenEntropy(), key, codec.encode(batch));
                records[0]++;
                batch.getFinishes()
                        .forEach(finish ->
                                running[0] += finish.getTokens() / WatchSettings.DEFAULT_SCORE_INTERVAL_TOKENS);
            });
            sender.flush();
            return new Filled(topics, sequences, records[0], tokens, running[0]);
        }
    }

    private List<Row> measure(String layout, Filled filled, WatchSettings settings, Baseline baseline, double maxRatio)
            throws InterruptedException, UnreadableRecordException {
        List<Pair> pairs = new ArrayList<>();
        try (ScoreTopic scores = new ScoreTopic(clients, out.scores())) {
            for (int i = -size.warmUps(); i < size.pairs(); i++) {
                Pair pair = pair(filled, settings, baseline, scores, i % 2 == 0);
                if (i >= 0) {
                    pairs.add(pair);
                }
            }
        }
        Samples ratios = Samples.of(pairs.stream().mapToDouble(Pair::ratio));
        return List.of(
                Row.held(
                        layout + ": time of the job / " + baseline.name,
                        ratios.median(),
                        "",
                        maxRatio,
                        ratios.spread()),
                rate(layout + ": the job", pairs, filled, Pair::flink),
                rate(layout + ": " + baseline.name, pairs, filled, Pair::plain),
                processor(layout + ": the job, processor time, starting included", pairs, filled, Pair::flink),
                processor(layout + ": " + baseline.name + ", the same", pairs, filled, Pair::plain));
    }

    private static Row rate(String measure, List<Pair> pairs, Filled filled, Function<Pair, Timed> side) {
        Samples samples = Samples.of(pairs.stream()
                .mapToDouble(pair -> filled.tokens / side.apply(pair).written.seconds() / 1e3));
        return Row.told(measure, samples.median(), "thousand tokens/s", samples.spread());
    }

    private static Row processor(String measure, List<Pair> pairs, Filled filled, Function<Pair, Timed> side) {
        Samples samples = Samples.of(
                pairs.stream().mapToDouble(pair -> (double) side.apply(pair).processorNanos / filled.tokens));
        return Row.told(measure, samples.median(), "ns/token", samples.spread());
    }

    private Pair pair(Filled filled, WatchSettings settings, Baseline baseline, ScoreTopic scores, boolean flinkFirst)
            throws InterruptedException, UnreadableRecordException {
        if (flinkFirst) {
            Timed ofFlink = timed(() -> runFlink(filled, settings, scores));
            return new Pair(ofFlink, timed(() -> runPlain(filled, settings, baseline, scores))).requireSameScores();
        }
        Timed ofPlain = timed(() -> runPlain(filled, settings, baseline, scores));
        return new Pair(timed(() -> runFlink(filled, settings, scores)), ofPlain).requireSameScores();
    }

    private static Timed timed(Run run) throws InterruptedException, UnreadableRecordException {
        OperatingSystemMXBean process = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        long before = process.getProcessCpuTime();
        Written written = run.run();
        return new Timed(written, process.getProcessCpuTime() - before);
    }

    private Written runFlink(Filled filled, WatchSettings settings, ScoreTopic scores) throws InterruptedException {
        long before = scores.size();
        int count = filled.scores(settings);
        EmbeddedJob job = new FlinkJob(clients.bootstrapServers(), filled.topics, out, settings).submit(flink);
        scores.await(before + count);
        job.cancel();
        return scores.read(before, count);
    }

    private Written runPlain(Filled filled, WatchSettings settings, Baseline baseline, ScoreTopic scores)
            throws UnreadableRecordException {
        long before = scores.size();
        try (Consumer<byte[], byte[]> consumer = clients.consumer(filled.topics.tokenEntropy());
                Sender sender = clients.sender()) {
            PlainJob job = new PlainJob(baseline.reader.get(), settings, out, sender);
            long taken = 0;
            while (taken < filled.records) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    job.take(record.value());
                    taken++;
                }
            }
            sender.flush();
        }
        return scores.read(before, filled.scores(settings));
    }

    /** A loop that the job is held against. */
    private record Baseline(String name, Supplier<RecordReader> reader) {}

    /**
     * A topic that was filled.
     *
     * @param topics its prefix
     * @param sequences sequences that start and finish in it
     * @param records records in it
     * @param tokens tokens in it
     * @param everySixteen running scores that it leads to with the default interval
     */
    private record Filled(Topics topics, int sequences, long records, long tokens, int everySixteen) {

        /** Running and final scores that follow from it. */
        int scores(WatchSettings settings) {
            return settings.scoreIntervalTokens() == Integer.MAX_VALUE ? sequences : sequences + everySixteen;
        }
    }

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

    /** One run of each kind. */
    private record Pair(Timed flink, Timed plain) {

        double ratio() {
            return flink.written.seconds() / plain.written.seconds();
        }

        Pair requireSameScores() {
            if (flink.written.hash() != plain.written.hash()) {
                throw new IllegalStateException("the job and the plain loop wrote different scores");
            }
            return this;
        }
    }
}
