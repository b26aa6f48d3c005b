package io.edistream.benchmarks.wire;

import io.edistream.benchmarks.Clients;
import io.edistream.benchmarks.Clients.Sender;
import io.edistream.benchmarks.Row;
import io.edistream.benchmarks.Traffic;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.common.TopicPartition;

/**
 * Bytes that the broker keeps per token when every step of 32 sequences is a record batch of its own, as it is when
 * nothing waits: values, keys, framing, starts and finishes. No compression.
 */
public final class WireBenchmark {

    private static final double MAX_BYTES_PER_TOKEN = 24;
    private static final double MAX_BYTES_PER_BOUNDED_TOKEN = 34;
    private static final String EXACT = "none: a function of the traffic";

    private WireBenchmark() {}

    /**
     * The table.
     *
     * @param sequences how many sequences to write, each of some 150 tokens
     */
    public static List<Row> run(int sequences) throws InterruptedException, ExecutionException {
        try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
            List<Row> rows = new ArrayList<>(
                    rows(kafka, "a step a batch", Traffic.Shape.quiet(sequences, Traffic.LIVE), MAX_BYTES_PER_TOKEN));
            rows.addAll(rows(
                    kafka,
                    "with upper bounds and rest masses",
                    Traffic.Shape.bounded(sequences),
                    MAX_BYTES_PER_BOUNDED_TOKEN));
            return rows;
        }
    }

    private static List<Row> rows(EmbeddedKafka kafka, String what, Traffic.Shape shape, double maxBytes)
            throws InterruptedException, ExecutionException {
        Topics topics = new Topics(shape.bounded() ? "bounded." : "exact.");
        kafka.createTopics(topics, 1);
        RecordCodec<TokenEntropyBatch> codec = RecordCodec.of(TokenEntropyBatch.class);
        byte[] key = Ids.generatorKey(Traffic.GENERATOR);
        long[] valueBytes = new long[1];
        long tokens;
        try (Sender sender = new Clients(kafka.bootstrapServers()).sender()) {
            tokens = Traffic.records(shape, batch -> {
                byte[] value = codec.encode(batch);
                valueBytes[0] += value.length;
                sender.send(topics.tokenEntropy(), key, value);
                // Waiting for each record keeps it from sharing a batch, and so its framing, with the next one.
                sender.flush();
            });
        }
        double stored = (double) storedBytes(kafka.bootstrapServers(), topics.tokenEntropy()) / tokens;
        return List.of(
                Row.held("stored bytes per token, " + what, stored, "bytes", maxBytes, EXACT),
                Row.told("of that, values", (double) valueBytes[0] / tokens, "bytes", EXACT));
    }

    private static long storedBytes(String bootstrapServers, String topic)
            throws InterruptedException, ExecutionException {
        TopicPartition partition = Clients.partition(topic);
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers))) {
            int broker = admin.describeCluster().nodes().get().iterator().next().id();
            return admin.describeLogDirs(List.of(broker)).descriptions().get(broker).get().values().stream()
                    .map(LogDirDescription::replicaInfos)
                    .filter(replicas -> replicas.containsKey(partition))
                    .mapToLong(replicas -> replicas.get(partition).size())
                    .sum();
        }
    }
}
