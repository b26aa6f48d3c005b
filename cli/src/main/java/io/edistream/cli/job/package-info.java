/** The Flink job on this machine, against brokers that exist already. */
@NullMarked
package io.edistream.cli.job;

import org.jspecify.annotations.NullMarked;
