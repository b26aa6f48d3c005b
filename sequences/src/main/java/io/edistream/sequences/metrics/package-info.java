/** Prometheus metrics of a source of tokens. */
@NullMarked
package io.edistream.sequences.metrics;

import org.jspecify.annotations.NullMarked;
