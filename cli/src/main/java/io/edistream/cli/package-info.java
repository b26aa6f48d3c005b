/** The {@code edistream} command. */
@NullMarked
package io.edistream.cli;

import org.jspecify.annotations.NullMarked;
