package io.edistream.jobs;

import static io.edistream.jobs.Batches.batch;

import io.edistream.jobs.Batches.Sample;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.Score;
import io.edistream.schemas.SequenceId;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.TopicPlan;
import io.edistream.schemas.Topics;
import io.edistream.schemas.UnreadableRecordException;
import io.edistream.signals.Catalogue;
import io.edistream.signals.Scoring;
import io.edistream.signals.Token;
import io.edistream.signals.batch.BatchScores;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Feeds a job on a cluster and checks that every sequence gets its final score, with the values that the definitions
 * give, whatever happens to the cluster meanwhile. Started by {@code deploy/local-cluster.sh}; exits with 1 if a score is
 * missing or wrong.
 */
public final class ClusterCheck {

    private static final int LIVE = 32;
    private static final int TOKENS = 200;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Map<String, Object> kafka;
    private final Map<SequenceId, List<Sample>> sent = new LinkedHashMap<>();
    private final Map<SequenceId, Set<String>> finals = new HashMap<>();
    private final Map<SequenceId, Score> scores = new HashMap<>();
    /** Another one for every run, as for every start of a real generator. */
    private final long generator = System.nanoTime();

    private int copies;

    private ClusterCheck(String bootstrapServers) {
        kafka = Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    }

    /**
     * Arguments: {@code topics BROKERS} creates the topics, {@code feed BROKERS SECONDS} feeds and checks.
     */
    public static void main(String[] args) throws Exception {
        ClusterCheck check = new ClusterCheck(args[1]);
        if (args[0].equals("topics")) {
            check.createTopics();
            return;
        }
        check.feed(Duration.ofSeconds(Long.parseLong(args[2])));
        check.collect();
        System.exit(check.report() ? 0 : 1);
    }

    private void createTopics() throws Exception {
        try (Admin admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.get(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG)))) {
            List<NewTopic> topics = new TopicPlan(Topics.DEFAULT, 2, TopicPlan.DEFAULT_RETENTION)
                    .all().stream()
                            .map(topic ->
                                    new NewTopic(topic.name(), topic.partitions(), (short) 1).configs(topic.settings()))
                            .toList();
            admin.createTopics(topics).all().get();
        }
    }

    /** A step of 32 sequences every 20 ms. */
    private void feed(Duration time) throws Exception {
        RecordCodec<TokenEntropyBatch> codec = RecordCodec.of(TokenEntropyBatch.class);
        byte[] key = Ids.generatorKey(generator);
        long end = System.nanoTime() + time.toNanos();
        long step = 0;
        List<Future<RecordMetadata>> written = new ArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(kafka, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (long first = 0; System.nanoTime() < end; first += LIVE) {
                for (int token = 0; token <= TOKENS; token++) {
                    TokenEntropyBatch batch = step(step++, first, token).build();
                    written.add(producer.send(
                            new ProducerRecord<>(Topics.DEFAULT.tokenEntropy(), key, codec.encode(batch))));
                    LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
                }
            }
            for (Future<RecordMetadata> record : written) {
                record.get();
            }
        }
    }

    private Batches step(long recordNumber, long first, int token) {
        Batches batch = batch(generator, recordNumber);
        for (long counter = first; counter < first + LIVE; counter++) {
            SequenceId id = Ids.sequenceId(generator, counter);
            if (token == 0) {
                batch.start(counter);
                sent.put(id, Batches.random(counter, TOKENS));
            }
            if (token < TOKENS) {
                batch.run(counter, token, sent.get(id).get(token));
            } else {
                batch.finish(counter, TOKENS);
            }
        }
        return batch;
    }

    private void collect() throws UnreadableRecordException {
        RecordCodec<Score> codec = RecordCodec.of(Score.class);
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            consumer.subscribe(List.of(Topics.DEFAULT.scores()));
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (finals.size() < sent.size() && System.nanoTime() < deadline) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
                    Score score = codec.decode(record.value());
                    if (score.getFinal$() && sent.containsKey(score.getSequence())) {
                        finals.computeIfAbsent(score.getSequence(), id -> new TreeSet<>())
                                .add(HexFormat.of().formatHex(record.value()));
                        scores.put(score.getSequence(), score);
                        copies++;
                    }
                }
            }
        }
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        Map<String, Object> settings = new HashMap<>(kafka);
        settings.put(ConsumerConfig.GROUP_ID_CONFIG, "cluster-check-" + generator);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private boolean report() {
        long right = sent.keySet().stream().filter(this::isRight).count();
        long ambiguous =
                finals.values().stream().filter(bytes -> bytes.size() > 1).count();
        System.out.printf(
                "%d sequences of %d tokens sent; %d have the right final score, %d have two different ones;"
                        + " %d final scores arrived%n",
                sent.size(), TOKENS, right, ambiguous, copies);
        return right == sent.size() && ambiguous == 0;
    }

    private boolean isRight(SequenceId id) {
        Score score = scores.get(id);
        List<Token> tokens = sent.get(id).stream().map(Sample::core).toList();
        return score != null
                && score.getMissing() == 0
                && ScoreValues.of(score)
                        .equals(new TreeMap<>(BatchScores.of(tokens, Scoring.DEFAULT, Catalogue.NO_CLASS)));
    }
}
