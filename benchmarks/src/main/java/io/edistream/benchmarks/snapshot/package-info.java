/** How long a checkpoint halts the operator that watches. */
@NullMarked
package io.edistream.benchmarks.snapshot;

import org.jspecify.annotations.NullMarked;
