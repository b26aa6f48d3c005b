/** Prometheus metrics of a source of tokens. */
@NullMarked
package io.edistream.generator.metrics;

import org.jspecify.annotations.NullMarked;
