package io.edistream.cli;

import io.edistream.jobs.properties.SecretMask;
import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.event.EventOptions;
import io.edistream.sequences.kafka.KafkaLink;
import io.edistream.sequences.kafka.KafkaOptions;
import io.edistream.sequences.metrics.GeneratorMetrics;
import org.apache.kafka.common.KafkaException;

/** A source of tokens is connected to Kafka. */
public final class KafkaConnection {

    private KafkaConnection() {}

    /**
     * Connects; a broker that is not there is no error.
     *
     * @param generator random id of the source, never used before
     * @throws UserError if a property is wrong, or no broker's name can be resolved; nothing stays open, and no value is
     *     repeated
     */
    public static KafkaLink open(
            KafkaOptions options, EventOptions events, long generator, GeneratorMetrics metrics, MicrosClock clock) {
        try {
            return KafkaLink.open(options, events, generator, metrics, clock);
        } catch (KafkaException e) {
            Throwable told = e.getCause() == null ? e : e.getCause();
            throw UserError.wrongRequest("Kafka at " + options.bootstrapServers() + ": "
                    + SecretMask.of(options.clientProperties()).hide(String.valueOf(told.getMessage())));
        }
    }
}
