/** The operator that watches sequences: its state, its checks, what it writes. */
@NullMarked
package io.edistream.jobs.sequences;

import org.jspecify.annotations.NullMarked;
