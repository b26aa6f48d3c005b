/** One sequence being watched: its order, its signals, its rules. Everything that a job hosts, without the job. */
@NullMarked
package io.edistream.signals.monitor;

import org.jspecify.annotations.NullMarked;
