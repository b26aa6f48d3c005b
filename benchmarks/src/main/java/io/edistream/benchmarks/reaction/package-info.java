/** How many tokens lie between the one that causes a command and the command's effect, around the whole loop. */
@NullMarked
package io.edistream.benchmarks.reaction;

import org.jspecify.annotations.NullMarked;
