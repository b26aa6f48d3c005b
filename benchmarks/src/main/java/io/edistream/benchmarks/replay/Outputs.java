package io.edistream.benchmarks.replay;

import io.edistream.benchmarks.Clients;
import io.edistream.schemas.Command;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.Score;
import io.edistream.schemas.SequenceId;
import io.edistream.schemas.Spike;
import io.edistream.schemas.Topics;
import io.edistream.schemas.UnreadableRecordException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** All that one run wrote of scores, spikes and commands, by key and in order. */
final class Outputs {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(3);

    private final RecordCodec<Heartbeat> heartbeats = RecordCodec.of(Heartbeat.class);
    private final Map<String, MessageDigest> digests = new TreeMap<>();
    private final Map<String, Integer> counts = new HashMap<>();

    private Outputs() {}

    /** Says of which sequence a record is. */
    @FunctionalInterface
    private interface SequenceOf {
        SequenceId of(byte[] record) throws UnreadableRecordException;
    }

    /**
     * Reads until there is a final score, a spike and a command of each of the sequences that come last in their
     * generators; what was written for the generator before is then there too.
     *
     * @param last the last sequence of each generator
     */
    static Outputs read(Clients clients, Topics topics, Set<SequenceId> last) throws UnreadableRecordException {
        Outputs outputs = new Outputs();
        RecordCodec<Score> scores = RecordCodec.of(Score.class);
        RecordCodec<Spike> spikes = RecordCodec.of(Spike.class);
        RecordCodec<Command> commands = RecordCodec.of(Command.class);
        outputs.read(clients, topics.scores(), "scores", last, record -> {
            Score score = scores.decode(record);
            return score.getFinal$() ? score.getSequence() : new SequenceId();
        });
        outputs.read(clients, topics.spikes(), "spikes", last, record -> spikes.decode(record)
                .getSequence());
        outputs.read(clients, topics.control(), "commands", last, record -> commands.decode(record)
                .getSequence());
        return outputs;
    }

    private void read(Clients clients, String topic, String what, Set<SequenceId> last, SequenceOf sequenceOf)
            throws UnreadableRecordException {
        Set<SequenceId> awaited = new HashSet<>(last);
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        try (Consumer<byte[], byte[]> consumer = clients.consumer(topic)) {
            while (!awaited.isEmpty()) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    if (heartbeats.claims(record.value())) {
                        continue;
                    }
                    counts.merge(what, 1, Integer::sum);
                    digests.computeIfAbsent(what + HexFormat.of().formatHex(record.key()), key -> sha256())
                            .update(record.value());
                    awaited.remove(sequenceOf.of(record.value()));
                }
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException(
                            "no " + what + " of " + Ids.text(awaited.iterator().next()) + " came within three minutes");
                }
            }
        }
    }

    /** How many there are of scores, spikes or commands. */
    int count(String what) {
        return counts.getOrDefault(what, 0);
    }

    /** SHA-256 over the records of each key in their order. To be asked once. */
    Map<String, String> digests() {
        Map<String, String> texts = new TreeMap<>();
        digests.forEach((key, digest) -> texts.put(key, HexFormat.of().formatHex(digest.digest())));
        return texts;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
