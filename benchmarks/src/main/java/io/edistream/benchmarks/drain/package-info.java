/** Draining a filled topic: the Flink job against a plain consumer loop. */
@NullMarked
package io.edistream.benchmarks.drain;

import org.jspecify.annotations.NullMarked;
