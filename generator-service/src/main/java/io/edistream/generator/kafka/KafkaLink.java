package io.edistream.generator.kafka;

import io.edistream.generator.control.ControlInbox;
import io.edistream.generator.control.OutcomePublisher;
import io.edistream.generator.event.EntropyPublisher;
import io.edistream.generator.event.EventOptions;
import io.edistream.generator.metrics.GeneratorMetrics;
import io.edistream.generator.sequence.MicrosClock;

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
