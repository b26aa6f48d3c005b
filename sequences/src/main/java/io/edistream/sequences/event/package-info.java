/** What a source of tokens reports: starts, runs of tokens and ends, one record per decode step. */
@NullMarked
package io.edistream.sequences.event;

import org.jspecify.annotations.NullMarked;
