/** What somebody may say to Kafka's clients: a file of properties, which names there are, and what may be repeated of it. */
@NullMarked
package io.edistream.jobs.properties;

import org.jspecify.annotations.NullMarked;
