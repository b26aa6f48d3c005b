/** Events, commands and outcomes over Kafka; the one package that knows Kafka and the Avro contract. */
@NullMarked
package io.edistream.sequences.kafka;

import org.jspecify.annotations.NullMarked;
