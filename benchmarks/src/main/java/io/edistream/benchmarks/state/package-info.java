/** What a live sequence costs in state. */
@NullMarked
package io.edistream.benchmarks.state;

import org.jspecify.annotations.NullMarked;
