/** Control latency: from an event to the command that it causes. */
@NullMarked
package io.edistream.benchmarks.latency;

import org.jspecify.annotations.NullMarked;
