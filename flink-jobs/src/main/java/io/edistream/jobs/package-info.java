/** The Flink job that hosts the signals: its picture, its options, its ends in Kafka, its main. */
@NullMarked
package io.edistream.jobs;

import org.jspecify.annotations.NullMarked;
