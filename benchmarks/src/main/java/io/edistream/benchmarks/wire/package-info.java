/** What a token costs in the log of the broker. */
@NullMarked
package io.edistream.benchmarks.wire;

import org.jspecify.annotations.NullMarked;
