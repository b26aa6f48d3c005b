package io.edistream.sequences.kafka;

import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.control.ControlInbox;
import io.edistream.sequences.control.OutcomePublisher;
import io.edistream.sequences.event.EntropyPublisher;
import io.edistream.sequences.event.EventOptions;
import io.edistream.sequences.metrics.GeneratorMetrics;

/**
 * One generator's three connections to Kafka.
 *
 * @param events what it decodes goes there
 * @param commands for it come from there
 * @param outcomes of commands go there
 */
public record KafkaLink(EntropyPublisher events, ControlInbox commands, OutcomePublisher outcomes) {

    /**
     * Connects to Kafka; a broker that is not there is no error.
     *
     * @param generator random id of the generator, never used before
     * @throws org.apache.kafka.common.KafkaException if a client property is wrong, or no broker's name can be resolved;
     *     nothing stays open
     */
    public static KafkaLink open(
            KafkaOptions options,
            EventOptions eventOptions,
            long generator,
            GeneratorMetrics metrics,
            MicrosClock clock) {
        EntropyPublisher events = KafkaEntropyPublisher.open(options, eventOptions, generator, metrics);
        try {
            ControlInbox commands = KafkaControlInbox.open(options, generator, clock, metrics);
            try {
                return new KafkaLink(events, commands, KafkaOutcomePublisher.open(options, generator, metrics));
            } catch (RuntimeException e) {
                commands.close();
                throw e;
            }
        } catch (RuntimeException e) {
            events.close();
            throw e;
        }
    }
}
