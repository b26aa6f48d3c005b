/** What starting samples in waves saves, on recorded samples. */
@NullMarked
package io.edistream.benchmarks.waves;

import org.jspecify.annotations.NullMarked;
