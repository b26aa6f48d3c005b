/** What the topics of a cluster are like: looked up at a start, shown and created by the command line. */
@NullMarked
package io.edistream.jobs.topics;

import org.jspecify.annotations.NullMarked;
