/** A generator on this machine, against brokers that exist already. */
@NullMarked
package io.edistream.cli.generate;

import org.jspecify.annotations.NullMarked;
