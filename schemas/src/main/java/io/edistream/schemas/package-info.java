/**
 * The contract between generators and jobs: generated Avro records, their codec, the layout of ids, the names of topics.
 *
 * <p>Everything that crosses Kafka is defined here and nowhere else.
 */
@NullMarked
package io.edistream.schemas;

import org.jspecify.annotations.NullMarked;
