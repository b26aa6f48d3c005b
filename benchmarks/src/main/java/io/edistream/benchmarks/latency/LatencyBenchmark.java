package io.edistream.benchmarks.latency;

import io.edistream.benchmarks.Clients;
import io.edistream.benchmarks.FlinkJob;
import io.edistream.benchmarks.Row;
import io.edistream.benchmarks.Samples;
import io.edistream.benchmarks.Traffic;
import io.edistream.embedded.EmbeddedFlink;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.jobs.sequences.SequenceSettings;
import io.edistream.schemas.Topics;
import io.edistream.schemas.UnreadableRecordException;
import io.edistream.signals.Scoring;
import io.edistream.signals.monitor.Policy;
import io.edistream.signals.rules.AbortAbove;
import io.edistream.signals.rules.RuleHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.HdrHistogram.Histogram;

/**
 * Time from the production of an event to the arrival of the command that it causes, through the job and through a plain
 * consumer-producer loop that decides the same. Every event causes a command. The two take turns, some seconds each, so
 * that neither runs beside the other.
 */
public final class LatencyBenchmark {

    private static final int PROBES_PER_SECOND = 1000;
    private static final double MAX_RATIO = 3;
    private static final double MEDIAN = 50;
    private static final double TAIL = 99;
    private static final double MICROS_PER_MILLI = 1e3;
    private static final Policy EVERY_PROBE = new Policy(
            Scoring.DEFAULT,
            List.of(new AbortAbove(
                    new RuleHeader("probe", 1, true, Set.of(Traffic.MODEL)),
                    "sequence_entropy",
                    Lane.PROBE_ENTROPY_NATS / 2,
                    1)));

    private LatencyBenchmark() {}

    /**
     * The table.
     *
     * @param warmUps turns of each side before the ones that count
     * @param turns turns of each side that count
     * @param probesPerTurn events per turn
     */
    public static List<Row> run(int warmUps, int turns, int probesPerTurn)
            throws InterruptedException, UnreadableRecordException {
        Topics ofJob = new Topics("job.");
        Topics ofPlain = new Topics("plain.");
        try (EmbeddedKafka kafka = EmbeddedKafka.start();
                EmbeddedFlink flink = EmbeddedFlink.start(1)) {
            kafka.createTopics(ofJob, 1);
            kafka.createTopics(ofPlain, 1);
            Clients clients = new Clients(kafka.bootstrapServers());
            FlinkJob.submit(flink, kafka.bootstrapServers(), ofJob, ofJob, SequenceSettings.of(EVERY_PROBE));
            try (PlainLoop loop = new PlainLoop(clients, ofPlain, EVERY_PROBE);
                    Lane job = new Lane(clients, ofJob);
                    Lane plain = new Lane(clients, ofPlain)) {
                loop.start();
                List<Turn> measured = new ArrayList<>();
                for (int i = -warmUps; i < turns; i++) {
                    Turn turn = new Turn(
                            job.measure(probesPerTurn, PROBES_PER_SECOND),
                            plain.measure(probesPerTurn, PROBES_PER_SECOND));
                    if (i >= 0) {
                        measured.add(turn);
                    }
                }
                return rows(measured);
            }
        }
    }

    private static List<Row> rows(List<Turn> turns) {
        Samples ratios =
                Samples.of(turns.stream().mapToDouble(turn -> millis(turn.job, TAIL) / millis(turn.plain, TAIL)));
        return List.of(
                Row.held("p99 of the job / plain loop", ratios.median(), "", MAX_RATIO, ratios.spread()),
                row("the job, p50", turns.stream().map(Turn::job).toList(), MEDIAN),
                row("the job, p99", turns.stream().map(Turn::job).toList(), TAIL),
                row("plain loop, p50", turns.stream().map(Turn::plain).toList(), MEDIAN),
                row("plain loop, p99", turns.stream().map(Turn::plain).toList(), TAIL));
    }

    private static Row row(String measure, List<Histogram> histograms, double percentile) {
        Samples samples = Samples.of(histograms.stream().mapToDouble(histogram -> millis(histogram, percentile)));
        return Row.told(measure, samples.median(), "ms", samples.spread());
    }

    private static double millis(Histogram micros, double percentile) {
        return micros.getValueAtPercentile(percentile) / MICROS_PER_MILLI;
    }

    /** Latencies of one turn of each side, microseconds. */
    private record Turn(Histogram job, Histogram plain) {}
}
