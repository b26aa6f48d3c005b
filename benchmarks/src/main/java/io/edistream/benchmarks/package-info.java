/** The benchmarks: what the system costs, against what the same work costs without it. */
@NullMarked
package io.edistream.benchmarks;

import org.jspecify.annotations.NullMarked;
