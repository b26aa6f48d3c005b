/** What the job reads: records as they came, checked as far as is needed to send each to its task. */
@NullMarked
package io.edistream.jobs.source;

import org.jspecify.annotations.NullMarked;
