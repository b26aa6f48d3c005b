package io.edistream.jobs.telemetry;

import java.io.Serializable;
import org.apache.kafka.clients.producer.Producer;

/** Opens clients that write to Kafka. */
@FunctionalInterface
interface ProducerFactory extends Serializable {

    /**
     * A new client; nothing is asked of the brokers yet.
     *
     * @throws org.apache.kafka.common.KafkaException if a property is wrong or no broker's name can be resolved
     */
    Producer<byte[], byte[]> open();
}
