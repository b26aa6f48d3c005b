/** The {@code exporter} command. */
@NullMarked
package io.edistream.cli.exporter;

import org.jspecify.annotations.NullMarked;
