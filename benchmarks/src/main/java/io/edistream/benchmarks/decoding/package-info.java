/** How fast a model decodes. */
@NullMarked
package io.edistream.benchmarks.decoding;

import org.jspecify.annotations.NullMarked;
