/** {@code edistream topics}: shows, creates and mends the topics of a cluster. */
@NullMarked
package io.edistream.cli.topics;

import org.jspecify.annotations.NullMarked;
