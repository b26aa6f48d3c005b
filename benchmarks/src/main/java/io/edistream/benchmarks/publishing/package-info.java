/** What publishing costs the decode loop. */
@NullMarked
package io.edistream.benchmarks.publishing;

import org.jspecify.annotations.NullMarked;
