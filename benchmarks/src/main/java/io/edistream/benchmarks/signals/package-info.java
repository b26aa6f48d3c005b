/** What the signals themselves cost. */
@NullMarked
package io.edistream.benchmarks.signals;

import org.jspecify.annotations.NullMarked;
