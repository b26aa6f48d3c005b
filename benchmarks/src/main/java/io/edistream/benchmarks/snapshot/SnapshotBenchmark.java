package io.edistream.benchmarks.snapshot;

import io.edistream.benchmarks.Clients;
import io.edistream.benchmarks.Clients.Sender;
import io.edistream.benchmarks.Row;
import io.edistream.benchmarks.Samples;
import io.edistream.benchmarks.Traffic;
import io.edistream.embedded.EmbeddedFlink;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.jobs.KafkaEnds;
import io.edistream.jobs.KafkaOptions;
import io.edistream.jobs.KafkaOptions.StartFrom;
import io.edistream.jobs.RuntimeOptions;
import io.edistream.jobs.Sinks;
import io.edistream.jobs.Topology;
import io.edistream.jobs.sequences.JobIdentity;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.DoubleStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * How long a checkpoint halts the operator while one generator has many live sequences, state on the heap. Every
 * sequence gets a token in turn, pass after pass, and every token a score, whose times show the operator's thread: the gap
 * around a barrier, the longest gap in the pass behind it, in which each sequence is copied when it is first touched, and
 * how much longer that pass takes than others.
 */
public final class SnapshotBenchmark {

    private static final double MAX_MILLIS = 20;
    private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(2);
    private static final double NANOS_PER_MILLI = 1e6;
    private static final long FIRST_COUNTER = 100_000;
    private static final long EPOCH_MICROS = 1_767_225_600_000_000L;
    private static final long STEP_MICROS = 5_000;

    private SnapshotBenchmark() {}

    /**
     * The table.
     *
     * @param sequences live ones, a multiple of {@link Traffic#LIVE}
     * @param passes how often each gets a token
     * @param warmUps checkpoints before the ones that count
     */
    public static List<Row> run(int sequences, int passes, int warmUps) throws InterruptedException {
        Topics topics = Topics.DEFAULT;
        try (EmbeddedKafka kafka = EmbeddedKafka.start();
                EmbeddedFlink flink = EmbeddedFlink.start(1)) {
            kafka.createTopics(topics, 1);
            fill(new Clients(kafka.bootstrapServers()), topics, sequences, passes);
            Stopwatch.Times times = new Stopwatch.Times(sequences * passes);
            StreamExecutionEnvironment environment = flink.environment();
            environment.configure(new RuntimeOptions(1, CHECKPOINT_INTERVAL, Optional.empty()).configuration());
            KafkaOptions options = new KafkaOptions(
                    kafka.bootstrapServers(), topics, KafkaOptions.DEFAULT_GROUP_ID, StartFrom.EARLIEST, Map.of());
            Sinks sinks = KafkaEnds.sinks(options);
            Topology.define(
                    environment,
                    KafkaEnds.source(options),
                    new Sinks(
                            sinks.control(),
                            sinks.heartbeats(),
                            Stopwatch.noting(times),
                            sinks.spikes(),
                            sinks.rejected()),
                    WatchSettings.DEFAULT.withScoreInterval(1),
                    new JobIdentity("benchmark", ""),
                    topics);
            flink.submit(environment, "edistream").awaitRunning();
            times.await();
            return rows(times, sequences, warmUps);
        }
    }

    private static void fill(Clients clients, Topics topics, int sequences, int passes) {
        RecordCodec<TokenEntropyBatch> codec = RecordCodec.of(TokenEntropyBatch.class);
        byte[] key = Ids.generatorKey(Traffic.GENERATOR);
        long number = 0;
        try (Sender sender = clients.sender()) {
            for (int pass = 0; pass < passes; pass++) {
                for (int first = 0; first < sequences; first += Traffic.LIVE) {
                    TokenEntropyBatch step =
                            Traffic.record(Traffic.GENERATOR, number, EPOCH_MICROS + number * STEP_MICROS);
                    number++;
                    for (int i = first; i < first + Traffic.LIVE; i++) {
                        long counter = FIRST_COUNTER + i;
                        if (pass == 0) {
                            step.getStarts().add(Traffic.start(counter));
                        }
                        float entropy = (float) ((pass + i) % 10) / 10;
                        Traffic.addToken(step, counter, pass, entropy, -entropy, 5f, i % 3);
                    }
                    sender.send(topics.tokenEntropy(), key, codec.encode(step));
                }
            }
            sender.flush();
        }
    }

    private static List<Row> rows(Stopwatch.Times times, int sequences, int warmUps) {
        long[] nanos = times.nanos();
        List<Integer> barriers = times.barriers();
        List<Halt> halts = new ArrayList<>();
        List<Double> undisturbed = new ArrayList<>();
        for (int i = 0; i < barriers.size(); i++) {
            int at = barriers.get(i);
            int next = i + 1 < barriers.size() ? barriers.get(i + 1) : nanos.length;
            if (i < warmUps || at < sequences || at + sequences >= nanos.length) {
                continue;
            }
            halts.add(new Halt(
                    millis(nanos[at] - nanos[at - 1]),
                    longestGap(nanos, at + 1, Math.min(next, at + sequences)),
                    millis(nanos[at + sequences] - nanos[at])));
            for (int from = at + sequences; from + sequences < next; from += sequences) {
                undisturbed.add(millis(nanos[from + sequences] - nanos[from]));
            }
        }
        if (halts.isEmpty() || undisturbed.isEmpty()) {
            return List.of(Row.told("checkpoints that could be measured", halts.size(), "", ""));
        }
        Samples usual = of(undisturbed);
        Samples pause = of(halts.stream().map(Halt::aroundBarrier).toList());
        Samples gap = of(halts.stream().map(Halt::longestBehind).toList());
        Samples extra =
                of(halts.stream().map(halt -> halt.passBehind - usual.median()).toList());
        return List.of(
                Row.held("halt at the barrier", pause.median(), "ms", MAX_MILLIS, pause.spread()),
                Row.held("longest gap in the pass behind it", gap.median(), "ms", MAX_MILLIS, gap.spread()),
                Row.told("that pass takes longer than others by", extra.median(), "ms", extra.spread()),
                Row.told("a pass over all sequences", usual.median(), "ms", usual.spread()));
    }

    private static double longestGap(long[] nanos, int from, int to) {
        long longest = 0;
        for (int i = from; i < to; i++) {
            longest = Math.max(longest, nanos[i] - nanos[i - 1]);
        }
        return millis(longest);
    }

    private static Samples of(List<Double> values) {
        return Samples.of(
                DoubleStream.of(values.stream().mapToDouble(Double::doubleValue).toArray()));
    }

    private static double millis(long nanos) {
        return nanos / NANOS_PER_MILLI;
    }

    /** One checkpoint, milliseconds. */
    private record Halt(double aroundBarrier, double longestBehind, double passBehind) {}
}
