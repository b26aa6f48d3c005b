package io.edistream.sequences.kafka;

import io.edistream.schemas.Command;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.UnreadableRecordException;
import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.control.CommandSink;
import io.edistream.sequences.control.JobWatch;
import io.edistream.sequences.control.ReceivedCommand;
import io.edistream.sequences.metrics.GeneratorMetrics;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the records of the control topic say: commands for one generator, heartbeats of jobs. What can be neither is skipped
 * and counted. Used by one thread.
 */
final class ControlRecords {

    private static final Logger LOG = LoggerFactory.getLogger(ControlRecords.class);

    /** The most bytes of a command; what waits to be settled is bounded by their number. */
    static final int MAX_COMMAND_BYTES = 16_384;

    private final RecordCodec<Command> codec = RecordCodec.of(Command.class);
    private final RecordCodec<Heartbeat> heartbeats = RecordCodec.of(Heartbeat.class);
    private final long generator;
    private final MicrosClock clock;
    private final GeneratorMetrics metrics;
    private final JobWatch watch;
    private final CommandSink sink;
    private long skipped;

    ControlRecords(long generator, MicrosClock clock, GeneratorMetrics metrics, JobWatch watch, CommandSink sink) {
        this.generator = generator;
        this.clock = clock;
        this.metrics = metrics;
        this.watch = watch;
        this.sink = sink;
    }

    /**
     * Takes one in.
     *
     * @param isPast whether it was there before the topic was reached, so that a heartbeat tells of nobody
     */
    void receive(ConsumerRecord<byte[], byte[]> record, boolean isPast) {
        byte[] value = record.value();
        if (value == null) {
            skip(record, "it has no value");
            return;
        }
        if (value.length > MAX_COMMAND_BYTES) {
            skip(record, "it has " + value.length + " bytes; at most " + MAX_COMMAND_BYTES + " are allowed");
            return;
        }
        try {
            if (heartbeats.claims(value)) {
                hear(record, isPast);
                return;
            }
            Command command = codec.decode(value);
            if (Ids.generator(command.getSequence()) == generator) {
                sink.accept(new ReceivedCommand(AvroControl.command(command), clock.micros()));
            }
        } catch (UnreadableRecordException e) {
            skip(record, e.getMessage());
        } catch (RuntimeException e) {
            skip(record, e.toString());
        }
    }

    /** No job has been heard of for a while. */
    void nobodyWatches() {
        sink.nobodyWatches();
    }

    private void hear(ConsumerRecord<byte[], byte[]> record, boolean isPast) throws UnreadableRecordException {
        Heartbeat heartbeat = heartbeats.decode(record.value());
        if (!isPast) {
            watch.heard(heartbeat.getJobName());
        }
    }

    private void skip(ConsumerRecord<byte[], byte[]> record, @Nullable String why) {
        metrics.unreadableCommand();
        skipped++;
        // The 1st, 2nd, 4th, 8th, ...: a flood of them must not become a flood of lines.
        if (Long.bitCount(skipped) == 1) {
            LOG.warn(
                    "Record {} of {}-{} is no command or heartbeat that can be used, as {} so far: {}",
                    record.offset(),
                    record.topic(),
                    record.partition(),
                    skipped,
                    why);
        }
    }
}
