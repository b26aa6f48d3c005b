/** The whole loop on one machine, shown while it runs. */
@NullMarked
package io.edistream.cli.demo;

import org.jspecify.annotations.NullMarked;
