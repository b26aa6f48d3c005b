/** What the job does, without Flink: admits sources and sequences, watches them, and says what follows. */
@NullMarked
package io.edistream.jobs.watch;

import org.jspecify.annotations.NullMarked;
