/** How fast recorded entropies are scored. */
@NullMarked
package io.edistream.benchmarks.score;

import org.jspecify.annotations.NullMarked;
