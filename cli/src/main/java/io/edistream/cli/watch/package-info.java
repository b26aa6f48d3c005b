/** The loop on somebody's own brokers, shown while it runs. */
@NullMarked
package io.edistream.cli.watch;

import org.jspecify.annotations.NullMarked;
