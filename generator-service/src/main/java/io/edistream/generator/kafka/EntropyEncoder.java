package io.edistream.generator.kafka;

import io.edistream.generator.event.SequenceEnded;
import io.edistream.generator.event.SequenceStarted;
import io.edistream.generator.event.StepEvents;
import io.edistream.generator.kafka.KafkaSender.Outgoing;
import io.edistream.generator.kafka.KafkaSender.Queued;
import io.edistream.generator.metrics.GeneratorMetrics;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.TokenEntropyBatch;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Makes numbered records of steps, and sees to it that starts and ends arrive although steps are dropped and records
 * fail: only tokens may be lost, and sequences whose start comes too late to be told from a repeat.
 */
final class EntropyEncoder implements KafkaSender.Encoder<StepEvents> {

    private final String topic;
    private final byte[] key;
    private final AvroEvents avro;
    private final RecordCodec<TokenEntropyBatch> codec = RecordCodec.of(TokenEntropyBatch.class);

    /** Used by the sender's thread alone. */
    private long nextNumber;

    /** Of steps that were dropped since the last one was queued; guarded by the sender. */
    private final UnsentLifecycles dropped = new UnsentLifecycles();

    /** All that follows is guarded by this: records fail on the producer's thread. */
    private final UnsentLifecycles failed = new UnsentLifecycles();

    private final Set<Sent> underWay = new HashSet<>();
    private final Map<Long, Sent> endUnderWay = new HashMap<>();

    /** Used by the sender's thread alone. */
    private final StartWindow window;

    EntropyEncoder(String topic, long generator, AvroEvents avro, GeneratorMetrics metrics) {
        this.window = new StartWindow(metrics);
        this.topic = topic;
        this.key = Ids.generatorKey(generator);
        this.avro = avro;
    }

    @Override
    public StepEvents withDropped(StepEvents step) {
        return dropped.drainedInto(step);
    }

    @Override
    public void dropped(StepEvents step) {
        dropped.lose(step);
    }

    @Override
    public Optional<StepEvents> leftOver() {
        boolean retry;
        synchronized (this) {
            // One at a time: without a broker each try takes as long as a record may take.
            retry = !failed.isEmpty() && underWay.isEmpty();
        }
        return dropped.isEmpty() && !retry
                ? Optional.empty()
                : Optional.of(dropped.drainedInto(new StepEvents(0, List.of(), List.of(), List.of())));
    }

    /** Runs on both sides of a gap do not fit together. */
    @Override
    public int inOneRecord(List<Queued<StepEvents>> steps) {
        int count = 1;
        while (count < steps.size() && steps.get(count).droppedBefore() == 0) {
            count++;
        }
        return count;
    }

    @Override
    public Outgoing record(List<Queued<StepEvents>> steps) {
        // Before anything can fail: a record that cannot be made is missing, too.
        long number = nextNumber + steps.get(0).droppedBefore();
        nextNumber = number + 1;
        StepEvents merged = StepEvents.merged(steps.stream().map(Queued::item).toList());
        StepEvents whole = window.admitted(withFailed(merged));
        byte[] value = codec.encode(avro.batch(whole, number));
        Sent sent = sent(whole);
        return new Outgoing(new ProducerRecord<>(topic, key, value), through -> settled(sent, through));
    }

    private synchronized StepEvents withFailed(StepEvents step) {
        return failed.drainedInto(step);
    }

    private synchronized Sent sent(StepEvents events) {
        Sent sent = new Sent(events);
        underWay.add(sent);
        sent.ends.keySet().forEach(sequence -> endUnderWay.put(sequence, sent));
        return sent;
    }

    private synchronized void settled(Sent sent, boolean through) {
        if (!underWay.remove(sent)) {
            return;
        }
        sent.ends.keySet().forEach(sequence -> endUnderWay.remove(sequence, sent));
        if (!through) {
            List<SequenceStarted> starts =
                    sent.starts.stream().filter(this::isStillOfUse).toList();
            failed.lose(sent.decodedAtMicros, starts, sent.ends.values());
        }
    }

    /** A start must not come behind its sequence's end, which is not sent again then either. */
    private boolean isStillOfUse(SequenceStarted start) {
        Sent later = endUnderWay.remove(start.sequence());
        if (later != null) {
            later.ends.remove(start.sequence());
        }
        return later == null;
    }

    /** What would have to be sent again of a record that is under way. */
    private static final class Sent {

        final long decodedAtMicros;
        final List<SequenceStarted> starts;
        final Map<Long, SequenceEnded> ends = new HashMap<>();

        Sent(StepEvents events) {
            decodedAtMicros = events.decodedAtMicros();
            starts = events.starts();
            events.ends().forEach(end -> ends.put(end.sequence(), end));
        }
    }
}
