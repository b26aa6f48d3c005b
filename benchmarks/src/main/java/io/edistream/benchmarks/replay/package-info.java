/** The same recording at different speeds and parallelisms: the same scores and decisions. */
@NullMarked
package io.edistream.benchmarks.replay;

import org.jspecify.annotations.NullMarked;
