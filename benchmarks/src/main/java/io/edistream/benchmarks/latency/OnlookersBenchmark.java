package io.edistream.benchmarks.latency;

import io.edistream.benchmarks.Clients;
import io.edistream.benchmarks.FlinkJob;
import io.edistream.benchmarks.Row;
import io.edistream.benchmarks.Samples;
import io.edistream.benchmarks.latency.Onlookers.Onlooking;
import io.edistream.embedded.EmbeddedFlink;
import io.edistream.embedded.EmbeddedJob;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.schemas.Topics;
import io.edistream.schemas.UnreadableRecordException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * Control latency of one job with and without {@link Onlookers}, which come and go in turns. They run in the job's own
 * JVM, on the same cores: what they cost in processor time is in the numbers.
 */
public final class OnlookersBenchmark {

    private OnlookersBenchmark() {}

    /** Begins to look. */
    @FunctionalInterface
    private interface Arrival {
        Onlooking look() throws IOException, InterruptedException;
    }

    /**
     * The table.
     *
     * @param warmUps turns of each side before the ones that count
     * @param turns turns of each side that count
     * @param probesPerTurn events per turn
     */
    public static List<Row> run(int warmUps, int turns, int probesPerTurn)
            throws InterruptedException, UnreadableRecordException, IOException {
        Topics topics = Topics.DEFAULT;
        try (EmbeddedKafka kafka = EmbeddedKafka.start();
                EmbeddedFlink flink = EmbeddedFlink.start(1)) {
            kafka.createTopics(topics, 1);
            String servers = kafka.bootstrapServers();
            EmbeddedJob running = new FlinkJob(servers, topics, topics, LatencyBenchmark.EVERY_PROBE).submit(flink);
            List<Row> rows = new ArrayList<>();
            try (Lane lane = new Lane(new Clients(servers), topics)) {
                Comparison comparison = new Comparison(lane, warmUps, turns, probesPerTurn);
                rows.addAll(comparison.rows("hostile scrapes", Onlookers::hostileScrapes));
                rows.addAll(comparison.rows("stopped terminals", () -> Onlookers.stoppedTerminals(servers, topics)));
                rows.addAll(comparison.rows("an exporter", () -> Onlookers.exporter(servers, topics)));
            }
            running.failure().ifPresent(failure -> {
                throw new IllegalStateException("the job failed meanwhile: " + failure);
            });
            return rows;
        }
    }

    /** One lane with and without somebody. */
    private record Comparison(Lane lane, int warmUps, int turns, int probesPerTurn) {

        List<Row> rows(String who, Arrival arrival)
                throws InterruptedException, UnreadableRecordException, IOException {
            List<Turn> measured = new ArrayList<>();
            for (int i = -warmUps; i < turns; i++) {
                Turn turn = turn(arrival, i % 2 == 0);
                if (i >= 0) {
                    measured.add(turn);
                }
            }
            return List.of(
                    ratio(who + ": p50 with / without", measured, LatencyBenchmark.MEDIAN),
                    ratio(who + ": p99 with / without", measured, LatencyBenchmark.TAIL),
                    LatencyBenchmark.row(
                            who + ": p50 with",
                            measured.stream().map(Turn::watched).toList(),
                            LatencyBenchmark.MEDIAN),
                    LatencyBenchmark.row(
                            who + ": p50 without",
                            measured.stream().map(Turn::alone).toList(),
                            LatencyBenchmark.MEDIAN));
        }

        private Turn turn(Arrival arrival, boolean aloneFirst)
                throws InterruptedException, UnreadableRecordException, IOException {
            if (aloneFirst) {
                Histogram alone = alone();
                return new Turn(watched(arrival), alone);
            }
            Histogram watched = watched(arrival);
            return new Turn(watched, alone());
        }

        private Histogram alone() throws InterruptedException, UnreadableRecordException {
            return lane.measure(probesPerTurn, LatencyBenchmark.PROBES_PER_SECOND);
        }

        private Histogram watched(Arrival arrival) throws InterruptedException, UnreadableRecordException, IOException {
            Onlooking onlooking = arrival.look();
            try {
                return lane.measure(probesPerTurn, LatencyBenchmark.PROBES_PER_SECOND);
            } finally {
                onlooking.close();
            }
        }
    }

    private static Row ratio(String measure, List<Turn> turns, double percentile) {
        Samples ratios = Samples.of(turns.stream()
                .mapToDouble(turn -> LatencyBenchmark.millis(turn.watched, percentile)
                        / LatencyBenchmark.millis(turn.alone, percentile)));
        return Row.held(measure, ratios.median(), "", LatencyBenchmark.MAX_RATIO, ratios.spread());
    }

    /** Latencies of one turn of each side, microseconds. */
    private record Turn(Histogram watched, Histogram alone) {}
}
