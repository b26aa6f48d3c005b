package io.edistream.benchmarks.latency;

import io.edistream.benchmarks.Clients;
import io.edistream.benchmarks.FlinkJob;
import io.edistream.benchmarks.Row;
import io.edistream.benchmarks.Samples;
import io.edistream.benchmarks.Traffic;
import io.edistream.embedded.EmbeddedFlink;
import io.edistream.embedded.EmbeddedJob;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.schemas.Topics;
import io.edistream.schemas.UnreadableRecordException;
import io.edistream.signals.Scoring;
import io.edistream.signals.rules.Act;
import io.edistream.signals.rules.LimitScope;
import io.edistream.signals.rules.Mode;
import io.edistream.signals.rules.RuleKey;
import io.edistream.signals.rules.Rules;
import io.edistream.signals.rules.Threshold;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/**
 * Time from the production of an event to the arrival of the command that it causes, through the job and through a plain
 * consumer-producer loop that decides the same, with all topics there and with some of the job's missing. Every event
 * causes a command. The two take turns, some seconds each, so
 * that neither runs beside the other.
 */
public final class LatencyBenchmark {

    static final int PROBES_PER_SECOND = 1000;
    static final double MAX_RATIO = 1.2;
    static final double MEDIAN = 50;
    static final double TAIL = 99;
    private static final double MICROS_PER_MILLI = 1e3;
    static final WatchSettings EVERY_PROBE = WatchSettings.of(
            Scoring.DEFAULT,
            Rules.of(
                    Threshold.above(
                                    new RuleKey("probe", 1),
                                    LimitScope.ofModels(Traffic.MODEL),
                                    "sequence_entropy",
                                    Lane.PROBE_ENTROPY_NATS / 2,
                                    new Act.Abort(true))
                            .from(1),
                    Mode.ARMED));

    private LatencyBenchmark() {}

    /**
     * The table.
     *
     * @param warmUps turns of each side before the ones that count
     * @param turns turns of each side that count
     * @param probesPerTurn events per turn
     */
    public static List<Row> run(int warmUps, int turns, int probesPerTurn)
            throws InterruptedException, UnreadableRecordException, ExecutionException {
        List<Row> rows = new ArrayList<>(run("all topics there", List.of(), warmUps, turns, probesPerTurn));
        Topics topics = Topics.DEFAULT;
        rows.addAll(run(
                "scores and rejected missing",
                List.of(topics.scores(), topics.rejected()),
                warmUps,
                turns,
                probesPerTurn));
        return rows;
    }

    private static List<Row> run(String when, List<String> missing, int warmUps, int turns, int probesPerTurn)
            throws InterruptedException, UnreadableRecordException, ExecutionException {
        Topics ofJob = Topics.DEFAULT;
        Topics ofPlain = new Topics("plain.");
        try (EmbeddedKafka kafka = EmbeddedKafka.start();
                EmbeddedFlink flink = EmbeddedFlink.start(1)) {
            kafka.createTopics(ofJob, 1);
            kafka.createTopics(ofPlain, 1);
            delete(kafka.bootstrapServers(), missing);
            Clients clients = new Clients(kafka.bootstrapServers());
            EmbeddedJob running = new FlinkJob(kafka.bootstrapServers(), ofJob, ofJob, EVERY_PROBE).submit(flink);
            try (PlainLoop loop = new PlainLoop(clients, ofPlain, EVERY_PROBE);
                    Lane job = new Lane(clients, ofJob);
                    Lane plain = new Lane(clients, ofPlain)) {
                loop.start();
                List<Turn> measured = new ArrayList<>();
                for (int i = -warmUps; i < turns; i++) {
                    Turn turn = turn(job, plain, probesPerTurn, i % 2 == 0);
                    if (i >= 0) {
                        measured.add(turn);
                    }
                }
                running.failure().ifPresent(failure -> {
                    throw new IllegalStateException("the job failed meanwhile: " + failure);
                });
                return rows(when, measured);
            }
        }
    }

    private static Turn turn(Lane job, Lane plain, int probes, boolean jobFirst)
            throws InterruptedException, UnreadableRecordException {
        if (jobFirst) {
            Histogram ofJob = job.measure(probes, PROBES_PER_SECOND);
            return new Turn(ofJob, plain.measure(probes, PROBES_PER_SECOND));
        }
        Histogram ofPlain = plain.measure(probes, PROBES_PER_SECOND);
        return new Turn(job.measure(probes, PROBES_PER_SECOND), ofPlain);
    }

    private static void delete(String bootstrapServers, List<String> topics)
            throws InterruptedException, ExecutionException {
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers))) {
            admin.deleteTopics(topics).all().get();
        }
    }

    private static List<Row> rows(String when, List<Turn> turns) {
        Samples ratios =
                Samples.of(turns.stream().mapToDouble(turn -> millis(turn.job, TAIL) / millis(turn.plain, TAIL)));
        return List.of(
                Row.held(when + ": p99 of the job / plain loop", ratios.median(), "", MAX_RATIO, ratios.spread()),
                row(when + ": the job, p50", turns.stream().map(Turn::job).toList(), MEDIAN),
                row(when + ": the job, p99", turns.stream().map(Turn::job).toList(), TAIL),
                row(when + ": plain loop, p50", turns.stream().map(Turn::plain).toList(), MEDIAN),
                row(when + ": plain loop, p99", turns.stream().map(Turn::plain).toList(), TAIL));
    }

    /** A percentile of several turns. */
    static Row row(String measure, List<Histogram> histograms, double percentile) {
        Samples samples = Samples.of(histograms.stream().mapToDouble(histogram -> millis(histogram, percentile)));
        return Row.told(measure, samples.median(), "ms", samples.spread());
    }

    static double millis(Histogram micros, double percentile) {
        return micros.getValueAtPercentile(percentile) / MICROS_PER_MILLI;
    }

    /** Latencies of one turn of each side, microseconds. */
    private record Turn(Histogram job, Histogram plain) {}
}
