package io.edistream.benchmarks.replay;

import io.edistream.benchmarks.Clients;
import io.edistream.benchmarks.Clients.Sender;
import io.edistream.benchmarks.FlinkJob;
import io.edistream.benchmarks.Row;
import io.edistream.benchmarks.Traffic;
import io.edistream.benchmarks.TwoRules;
import io.edistream.embedded.EmbeddedFlink;
import io.edistream.embedded.EmbeddedJob;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.jobs.RuntimeOptions;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.SequenceId;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.Topics;
import io.edistream.schemas.UnreadableRecordException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/**
 * Drains the same recording of several generators several times, with one, two and four tasks and with a source that
 * reads in small portions, and compares all scores, spikes and commands byte for byte. A difference is a failure.
 */
public final class ReplayBenchmark {

    private static final int PARTITIONS = 4;
    private static final int MAX_TASKS = 4;
    private static final double EDIS_LIMIT = 3;
    private static final double ENTROPY_LIMIT_NATS = 3;
    private static final long LAST_COUNTER = 1_000_000;
    private static final float LAST_NATS = 4.5f;

    /** Portions so small that partitions take turns in another order than in large ones. */
    private static final Map<String, String> SMALL_PORTIONS = Map.of(
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG, "1",
            ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, "4096",
            ConsumerConfig.FETCH_MAX_BYTES_CONFIG, "8192");

    private final EmbeddedKafka kafka;
    private final EmbeddedFlink flink;
    private final Clients clients;
    private final Topics recording = new Topics("recording.");

    private ReplayBenchmark(EmbeddedKafka kafka, EmbeddedFlink flink) {
        this.kafka = kafka;
        this.flink = flink;
        this.clients = new Clients(kafka.bootstrapServers());
    }

    /**
     * The table.
     *
     * @param generators how many, at least 1
     * @param sequencesEach sequences of each, of some 150 tokens
     * @throws IllegalStateException if two runs differ; the message names what of
     */
    public static List<Row> run(int generators, int sequencesEach) throws UnreadableRecordException {
        try (EmbeddedKafka kafka = EmbeddedKafka.start();
                EmbeddedFlink flink = EmbeddedFlink.start(MAX_TASKS)) {
            return new ReplayBenchmark(kafka, flink).compare(generators, sequencesEach);
        }
    }

    private List<Row> compare(int generators, int sequencesEach) throws UnreadableRecordException {
        kafka.createTopics(recording, PARTITIONS);
        Set<SequenceId> last = new HashSet<>();
        long tokens = 0;
        for (int i = 0; i < generators; i++) {
            tokens += record(Traffic.GENERATOR + i, sequencesEach);
            last.add(Ids.sequenceId(Traffic.GENERATOR + i, LAST_COUNTER));
        }
        Outputs first = replay("one-task.", 1, Map.of(), last);
        Map<String, String> expected = first.digests();
        requireEqual("two tasks", expected, replay("two-tasks.", 2, Map.of(), last));
        requireEqual("four tasks", expected, replay("four-tasks.", MAX_TASKS, Map.of(), last));
        requireEqual("small portions", expected, replay("small-portions.", 2, SMALL_PORTIONS, last));
        String equal = "equal, byte for byte, in 4 runs";
        List<Row> rows = new ArrayList<>(List.of(Row.told("tokens of the recording", (double) tokens, "", "")));
        for (String what : List.of("scores", "spikes", "commands")) {
            rows.add(Row.told(what, first.count(what), "", equal));
        }
        return rows;
    }

    /** Ends with a sequence that leads to a spike, a command and a final score. */
    private long record(long generator, int sequences) {
        RecordCodec<TokenEntropyBatch> codec = RecordCodec.of(TokenEntropyBatch.class);
        byte[] key = Ids.generatorKey(generator);
        long[] lastRecord = new long[2];
        try (Sender sender = clients.sender()) {
            long tokens = Traffic.records(Traffic.Shape.restless(generator, sequences), batch -> {
                lastRecord[0] = batch.getRecordNumber();
                lastRecord[1] = batch.getDecodedAtMicros();
                sender.send(recording.tokenEntropy(), key, codec.encode(batch));
            });
            TokenEntropyBatch end = Traffic.record(generator, lastRecord[0] + 1, lastRecord[1] + 1);
            end.getStarts().add(Traffic.start(LAST_COUNTER));
            Traffic.addToken(end, LAST_COUNTER, 0, 0f, 0f, 5f, 0);
            Traffic.addToken(end, LAST_COUNTER, 1, LAST_NATS, -LAST_NATS, 5f, 0);
            end.getFinishes().add(Traffic.finish(LAST_COUNTER, 2));
            sender.send(recording.tokenEntropy(), key, codec.encode(end));
            sender.flush();
            return tokens + 2;
        }
    }

    private Outputs replay(String prefix, int tasks, Map<String, String> clientProperties, Set<SequenceId> last)
            throws UnreadableRecordException {
        Topics out = new Topics(prefix);
        kafka.createTopics(out, 1);
        EmbeddedJob job = new FlinkJob(
                        kafka.bootstrapServers(),
                        recording,
                        out,
                        WatchSettings.DEFAULT.with(TwoRules.withLimits(EDIS_LIMIT, ENTROPY_LIMIT_NATS)),
                        new RuntimeOptions(tasks, RuntimeOptions.DEFAULT_CHECKPOINT_INTERVAL, Optional.empty()),
                        clientProperties)
                .submit(flink);
        Outputs outputs = Outputs.read(clients, out, last);
        job.cancel();
        return outputs;
    }

    private static void requireEqual(String run, Map<String, String> expected, Outputs outputs) {
        Map<String, String> actual = outputs.digests();
        if (actual.equals(expected)) {
            return;
        }
        Set<String> keys = new TreeSet<>(expected.keySet());
        keys.addAll(actual.keySet());
        keys.removeIf(key -> expected.getOrDefault(key, "").equals(actual.getOrDefault(key, "")));
        throw new IllegalStateException(
                "with " + run + " " + keys.size() + " keys differ from the run with one task, for instance "
                        + keys.iterator().next());
    }
}
