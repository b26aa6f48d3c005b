/** What rows of different lengths cost each other in one step of a model, and long prompts those that run. */
@NullMarked
package io.edistream.benchmarks.lengths;

import org.jspecify.annotations.NullMarked;
