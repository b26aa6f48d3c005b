/** What jobs ask of running sequences, and what became of it. */
@NullMarked
package io.edistream.sequences.control;

import org.jspecify.annotations.NullMarked;
