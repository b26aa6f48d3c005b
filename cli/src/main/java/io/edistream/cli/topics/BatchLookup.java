package io.edistream.cli.topics;

import io.edistream.jobs.topics.KafkaRefusal;
import java.io.IOException;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.ApiVersions;
import org.apache.kafka.clients.ClientRequest;
import org.apache.kafka.clients.ClientResponse;
import org.apache.kafka.clients.ClientUtils;
import org.apache.kafka.clients.DefaultHostResolver;
import org.apache.kafka.clients.ManualMetadataUpdater;
import org.apache.kafka.clients.NetworkClient;
import org.apache.kafka.clients.NetworkClientUtils;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.RecordBatch;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.Time;

/**
 * Finds the end of the batch that holds a record, from the batch's head alone. No consumer can: it expands what it reads,
 * which is what must not happen here.
 */
final class BatchLookup {

    private static final String CLIENT_ID = "edistream-skip";
    private static final int TIMEOUT_MILLIS = 10_000;

    private final String bootstrapServers;
    private final Map<String, String> properties;

    BatchLookup(String bootstrapServers, Map<String, String> properties) {
        this.bootstrapServers = bootstrapServers;
        this.properties = properties;
    }

    /**
     * The last offset of the batch that holds the given one, or of the next one if that is gone.
     *
     * @param leader of the partition
     * @param topicId that the cluster gave the topic
     * @throws KafkaRefusal if the leader does not answer or refuses, or the batch's head is damaged too
     */
    long lastOffset(Node leader, TopicPartition partition, Uuid topicId, long offset) {
        String where = "record " + offset + " of " + partition;
        try {
            FetchResponseData.PartitionData data = fetch(leader, partition, topicId, offset);
            Errors error = Errors.forCode(data.errorCode());
            if (error != Errors.NONE) {
                throw KafkaRefusal.failure(
                        "Kafka at " + bootstrapServers + " does not give out " + where + ": " + error.message(),
                        error.exception());
            }
            Iterator<? extends RecordBatch> batches =
                    FetchResponse.recordsOrFail(data).batches().iterator();
            if (!batches.hasNext()) {
                throw KafkaRefusal.failure("Kafka at " + bootstrapServers + " has no " + where, null);
            }
            return batches.next().lastOffset();
        } catch (IOException e) {
            throw KafkaRefusal.failure(
                    "Kafka at " + leader.host() + ":" + leader.port() + ", which leads " + partition
                            + ", does not answer: " + e.getMessage(),
                    e);
        } catch (KafkaException e) {
            throw KafkaRefusal.failure("the batch that holds " + where + " cannot be told: " + e.getMessage(), e);
        }
    }

    private FetchResponseData.PartitionData fetch(Node leader, TopicPartition partition, Uuid topicId, long offset)
            throws IOException {
        Map<String, Object> settings = new HashMap<>(properties);
        settings.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        Time time = Time.SYSTEM;
        try (Metrics metrics = new Metrics();
                NetworkClient client = ClientUtils.createNetworkClient(
                        new AdminClientConfig(settings),
                        CLIENT_ID,
                        metrics,
                        CLIENT_ID,
                        new LogContext(),
                        new ApiVersions(),
                        time,
                        1,
                        TIMEOUT_MILLIS,
                        new ManualMetadataUpdater(List.of(leader)),
                        new DefaultHostResolver())) {
            if (!NetworkClientUtils.awaitReady(client, leader, time, TIMEOUT_MILLIS)) {
                throw new IOException("no connection within " + TIMEOUT_MILLIS / 1_000 + " s");
            }
            // However small the limit, the first batch comes whole.
            FetchRequest.PartitionData asked = new FetchRequest.PartitionData(
                    topicId, offset, FetchRequest.INVALID_LOG_START_OFFSET, 1, Optional.empty());
            ClientRequest request = client.newClientRequest(
                    leader.idString(),
                    FetchRequest.Builder.forConsumer(ApiKeys.FETCH.latestVersion(), 0, 1, Map.of(partition, asked))
                            .setMaxBytes(1),
                    time.milliseconds(),
                    true);
            ClientResponse response = NetworkClientUtils.sendAndReceive(client, request, time);
            FetchResponse fetched = (FetchResponse) response.responseBody();
            Map<TopicPartition, FetchResponseData.PartitionData> data = fetched.responseData(
                    Map.of(topicId, partition.topic()), response.requestHeader().apiVersion());
            FetchResponseData.PartitionData ofPartition = data.get(partition);
            if (ofPartition == null) {
                throw fetched.error().exception("the answer lacks " + partition);
            }
            return ofPartition;
        }
    }
}
