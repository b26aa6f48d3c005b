/** How Flink moves this job's values about: type information and serializers written by hand, so that none is reflected. */
@NullMarked
package io.edistream.jobs.types;

import org.jspecify.annotations.NullMarked;
