package io.edistream.sequences.kafka;

import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.RecordLimits;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.sequences.event.SequenceEnded;
import io.edistream.sequences.event.SequenceStarted;
import io.edistream.sequences.event.StepEvents;
import io.edistream.sequences.kafka.KafkaSender.Fate;
import io.edistream.sequences.kafka.KafkaSender.Outgoing;
import io.edistream.sequences.kafka.KafkaSender.Queued;
import io.edistream.sequences.metrics.GeneratorMetrics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes numbered records of steps, none larger than is allowed, and sees to it that starts and ends arrive although steps
 * are dropped and records fail: only tokens may be lost, and sequences whose start comes too late to be told from a repeat
 * or is too large by itself.
 */
final class EntropyEncoder implements KafkaSender.Encoder<StepEvents> {

    private static final Logger LOG = LoggerFactory.getLogger(EntropyEncoder.class);

    /** A broker that refuses records of this size cannot be used; a start with long names and no prompt is smaller. */
    static final int LEAST_BYTES = 1 << 17;

    private final String topic;
    private final byte[] key;
    private final AvroEvents avro;
    private final GeneratorMetrics metrics;
    private final RecordCodec<TokenEntropyBatch> codec = RecordCodec.of(TokenEntropyBatch.class);

    /** Used by the sender's thread alone. */
    private long nextNumber;

    /** Of steps that were dropped since the last one was queued; guarded by the sender. */
    private final UnsentLifecycles dropped;

    /** All that follows is guarded by this: records fail on the producer's thread. */
    private final UnsentLifecycles failed;

    private final Set<Sent> underWay = new HashSet<>();
    private final Map<Long, Sent> endUnderWay = new HashMap<>();

    /** Most bytes of a record, less after the producer or a broker refused some. */
    private int maxBytes = RecordLimits.MAX_SOURCE_BYTES;

    /** Used by the sender's thread alone. */
    private final StartWindow window;

    EntropyEncoder(String topic, long generator, AvroEvents avro, GeneratorMetrics metrics) {
        this.window = new StartWindow(metrics);
        this.metrics = metrics;
        this.dropped = new UnsentLifecycles(metrics);
        this.failed = new UnsentLifecycles(metrics);
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

    /** Runs on both sides of a gap do not fit together, and one record holds only so much. */
    @Override
    public int inOneRecord(List<Queued<StepEvents>> steps) {
        if (steps.size() == 1) {
            return 1;
        }
        int most = maxBytes();
        StepEvents first = steps.get(0).item();
        long bytes = avro.bytesAbout(first);
        long tokens = first.tokens();
        int count = 1;
        while (count < steps.size() && steps.get(count).droppedBefore() == 0) {
            StepEvents next = steps.get(count).item();
            bytes += avro.bytesAbout(next);
            tokens += next.tokens();
            if (bytes > most || tokens > RecordLimits.MAX_TOKENS) {
                break;
            }
            count++;
        }
        return count;
    }

    @Override
    public List<Outgoing> records(List<Queued<StepEvents>> steps) {
        // Before anything can fail: a record that cannot be made is missing, too.
        long number = nextNumber + steps.get(0).droppedBefore();
        nextNumber = number + 1;
        StepEvents merged = StepEvents.merged(steps.stream().map(Queued::item).toList());
        StepEvents whole = window.admitted(withFailed(merged));
        List<Outgoing> records = new ArrayList<>();
        nextNumber = number;
        encode(whole, maxBytes(), records);
        // What could not be sent at all is missing as a record.
        nextNumber = Math.max(nextNumber, number + 1);
        return records;
    }

    private void encode(StepEvents events, int most, List<Outgoing> into) {
        if (events.tokens() <= RecordLimits.MAX_TOKENS) {
            byte[] value = codec.encode(avro.batch(events, nextNumber));
            if (value.length <= most) {
                nextNumber++;
                Sent sent = sent(events, value.length);
                into.add(new Outgoing(new ProducerRecord<>(topic, key, value), fate -> settled(sent, fate)));
                return;
            }
        }
        List<StepEvents> halves = events.halves();
        if (halves.isEmpty()) {
            encodeLighter(events, most, into);
        }
        for (StepEvents half : halves) {
            StepEvents watched = window.watched(half);
            if (!watched.isEmpty()) {
                encode(watched, most, into);
            }
        }
    }

    private void encodeLighter(StepEvents one, int most, List<Outgoing> into) {
        Optional<StepEvents> lighter = avro.lighter(one);
        if (lighter.isPresent()) {
            metrics.textLeftOut();
            encode(lighter.get(), most, into);
            return;
        }
        LOG.warn("Topic {}: not sent, since it takes more than {} bytes by itself: {}", topic, most, name(one));
        metrics.failed(topic);
        one.starts().forEach(window::refuse);
    }

    private static String name(StepEvents one) {
        if (!one.starts().isEmpty()) {
            return "the start of sequence " + one.starts().get(0).sequence();
        }
        return one.ends().isEmpty()
                ? "a token of sequence " + one.runs().get(0).sequence()
                : "the end of sequence " + one.ends().get(0).sequence();
    }

    private synchronized int maxBytes() {
        return maxBytes;
    }

    private synchronized StepEvents withFailed(StepEvents step) {
        return failed.drainedInto(step);
    }

    private synchronized Sent sent(StepEvents events, int bytes) {
        Sent sent = new Sent(events, bytes);
        underWay.add(sent);
        sent.ends.keySet().forEach(sequence -> endUnderWay.put(sequence, sent));
        return sent;
    }

    private synchronized void settled(Sent sent, Fate fate) {
        if (!underWay.remove(sent)) {
            return;
        }
        sent.ends.keySet().forEach(sequence -> endUnderWay.remove(sequence, sent));
        boolean never = fate == Fate.TOO_LARGE && sent.bytes <= LEAST_BYTES;
        if (fate == Fate.TOO_LARGE) {
            maxBytes = Math.max(LEAST_BYTES, Math.min(maxBytes, sent.bytes / 2));
            LOG.warn(
                    "Topic {}: a record of {} bytes is too large for the producer or the broker; from now on at most {}",
                    topic,
                    sent.bytes,
                    maxBytes);
        }
        if (never) {
            // As it is now it will be refused every time.
            sent.starts.forEach(start -> metrics.unwatchedSequence());
        } else if (fate != Fate.THROUGH) {
            List<SequenceStarted> starts =
                    sent.starts.stream().filter(this::isStillOfUse).toList();
            failed.lose(sent.decodedAtMicros, starts, sent.ends.values());
        }
    }

    /** Nothing is sent any more: counts the sequences whose start stayed behind. */
    synchronized void closed() {
        dropped.abandoned();
        failed.abandoned();
    }

    /** A start must not come behind its sequence's end, which is not sent again then either. */
    private boolean isStillOfUse(SequenceStarted start) {
        Sent later = endUnderWay.remove(start.sequence());
        if (later != null) {
            later.ends.remove(start.sequence());
        }
        if (later != null) {
            metrics.unwatchedSequence();
        }
        return later == null;
    }

    /** What would have to be sent again of a record that is under way. */
    private static final class Sent {

        final int bytes;
        final long decodedAtMicros;
        final List<SequenceStarted> starts;
        final Map<Long, SequenceEnded> ends = new HashMap<>();

        Sent(StepEvents events, int bytes) {
            this.bytes = bytes;
            decodedAtMicros = events.decodedAtMicros();
            starts = events.starts();
            events.ends().forEach(end -> ends.put(end.sequence(), end));
        }
    }
}
