/** A Kafka broker and a Flink cluster inside this JVM, for the demo and for tests. */
@NullMarked
package io.edistream.embedded;

import org.jspecify.annotations.NullMarked;
