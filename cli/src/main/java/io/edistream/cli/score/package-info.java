/** Scores recorded entropies without any service. */
@NullMarked
package io.edistream.cli.score;

import org.jspecify.annotations.NullMarked;
