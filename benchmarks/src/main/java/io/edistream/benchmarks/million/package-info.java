/** A million live sequences. */
@NullMarked
package io.edistream.benchmarks.million;

import org.jspecify.annotations.NullMarked;
