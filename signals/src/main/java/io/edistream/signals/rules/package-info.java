/** What follows from a score: rules decide, per token and from one sequence alone, that something should be done. */
@NullMarked
package io.edistream.signals.rules;

import org.jspecify.annotations.NullMarked;
