package io.edistream.cli.demo;

import io.edistream.schemas.Command;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.RecordLimits;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.Spike;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.Topics;
import io.edistream.schemas.UnreadableRecordException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads all topics of the loop from their beginning, on a thread of its own, and tells its listeners in turn. */
final class TopicReader implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(100);

    private final List<LoopListener> listeners;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Map<String, Dispatch> dispatchByTopic;
    private final Topics topics;
    private final Thread thread;

    /** Reads one topic's record and passes it on. */
    @FunctionalInterface
    private interface Dispatch {
        void accept(byte[] value) throws UnreadableRecordException;
    }

    TopicReader(String bootstrapServers, Topics topics, List<LoopListener> listeners) {
        this.listeners = List.copyOf(listeners);
        this.dispatchByTopic = Map.of(
                topics.tokenEntropy(), dispatch(TokenEntropyBatch.class, LoopListener::onStep),
                topics.scores(), dispatch(Score.class, LoopListener::onScore),
                topics.spikes(), dispatch(Spike.class, LoopListener::onSpike),
                topics.control(), commands(dispatch(Command.class, LoopListener::onCommand)),
                topics.controlOutcomes(), dispatch(CommandOutcome.class, LoopListener::onOutcome),
                topics.rejected(), dispatch(Rejected.class, LoopListener::onRejected));
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ConsumerConfig.FETCH_MIN_BYTES_CONFIG,
                        1,
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        RecordLimits.MAX_POLL_RECORDS,
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                        false),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        this.topics = topics;
        this.thread = new Thread(this::read, "topic-reader");
    }

    /** Begins to read. */
    void start() {
        thread.start();
    }

    private <T extends SpecificRecordBase> Dispatch dispatch(Class<T> type, BiConsumer<LoopListener, T> tell) {
        RecordCodec<T> codec = RecordCodec.of(type);
        return value -> {
            T read = codec.decode(value);
            listeners.forEach(listener -> tell.accept(listener, read));
        };
    }

    /** The job's signs of life are in the same topic as its commands. */
    private static Dispatch commands(Dispatch command) {
        RecordCodec<Heartbeat> heartbeats = RecordCodec.of(Heartbeat.class);
        return value -> {
            if (!heartbeats.claims(value)) {
                command.accept(value);
            }
        };
    }

    private void read() {
        try (consumer) {
            List<TopicPartition> partitions = topics.required().stream()
                    .flatMap(topic -> consumer.partitionsFor(topic).stream())
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (true) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    dispatchByTopic.get(record.topic()).accept(record.value());
                }
            }
        } catch (WakeupException closing) {
            // close() asked for the end.
        } catch (UnreadableRecordException | RuntimeException e) {
            listeners.forEach(listener -> listener.onFailure(e));
        }
    }

    @Override
    public void close() {
        if (thread.getState() == Thread.State.NEW) {
            consumer.close();
            return;
        }
        consumer.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
