package io.edistream.benchmarks.latency;

import io.edistream.benchmarks.Clients;
import io.edistream.benchmarks.Clients.Sender;
import io.edistream.benchmarks.Traffic;
import io.edistream.schemas.Command;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.Topics;
import io.edistream.schemas.UnreadableRecordException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A way from events to commands whose latency is measured: produces probes at a steady pace and waits for the command
 * that each of them must cause. A probe is one record with the start, the only token and the finish of a sequence.
 */
final class Lane implements AutoCloseable {

    /** Entropy of a probe's only token, nats. */
    static final double PROBE_ENTROPY_NATS = 3;

    private static final int DIGITS = 3;
    private static final Duration POLL = Duration.ofMillis(100);
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final double NANOS_PER_MICRO = 1e3;

    private final Topics topics;
    private final Sender sender;
    private final Consumer<byte[], byte[]> control;
    private final RecordCodec<TokenEntropyBatch> batches = RecordCodec.of(TokenEntropyBatch.class);
    private final RecordCodec<Command> commands = RecordCodec.of(Command.class);
    private final RecordCodec<Heartbeat> heartbeats = RecordCodec.of(Heartbeat.class);
    private final byte[] key = Ids.generatorKey(Traffic.GENERATOR);
    private long nextCounter;

    Lane(Clients clients, Topics topics) {
        this.topics = topics;
        this.sender = clients.sender();
        this.control = clients.consumer(topics.control());
    }

    /**
     * Sends probes and receives their commands.
     *
     * @return time from just before a probe was produced to when its command was in the hands of the receiver,
     *     microseconds
     */
    Histogram measure(int probes, int probesPerSecond) throws UnreadableRecordException, InterruptedException {
        long first = nextCounter;
        nextCounter += probes;
        AtomicLongArray sentNanos = new AtomicLongArray(probes);
        Thread sending = new Thread(() -> send(first, sentNanos, probesPerSecond), "probes");
        sending.start();
        Histogram latencies = receive(first, sentNanos);
        sending.join();
        sender.flush();
        return latencies;
    }

    private void send(long first, AtomicLongArray sentNanos, int probesPerSecond) {
        long begun = System.nanoTime();
        long interval = TimeUnit.SECONDS.toNanos(1) / probesPerSecond;
        for (int i = 0; i < sentNanos.length(); i++) {
            long due = begun + i * interval;
            for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            byte[] probe = batches.encode(probe(first + i));
            sentNanos.set(i, System.nanoTime());
            sender.send(topics.tokenEntropy(), key, probe);
        }
    }

    private Histogram receive(long first, AtomicLongArray sentNanos) throws UnreadableRecordException {
        Histogram latencies = new Histogram(DIGITS);
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (latencies.getTotalCount() < sentNanos.length()) {
            for (ConsumerRecord<byte[], byte[]> record : control.poll(POLL)) {
                if (heartbeats.claims(record.value())) {
                    continue;
                }
                Command command = commands.decode(record.value());
                long now = System.nanoTime();
                int probe = Math.toIntExact(Ids.counter(command.getSequence()) - first);
                latencies.recordValue(Math.round((now - sentNanos.get(probe)) / NANOS_PER_MICRO));
            }
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("only " + latencies.getTotalCount() + " of " + sentNanos.length()
                        + " commands came in time on " + topics.control());
            }
        }
        return latencies;
    }

    private static TokenEntropyBatch probe(long counter) {
        TokenEntropyBatch batch = Traffic.record(Traffic.GENERATOR, counter, counter);
        batch.getStarts().add(Traffic.start(counter));
        Traffic.addToken(batch, counter, 0, (float) PROBE_ENTROPY_NATS, -1f, 4f, 0);
        batch.getFinishes().add(Traffic.finish(counter, 1));
        return batch;
    }

    @Override
    public void close() {
        sender.close();
        control.close();
    }
}
