/** What the job reads: batches of generators, taken apart into events of single sequences. */
@NullMarked
package io.edistream.jobs.events;

import org.jspecify.annotations.NullMarked;
