package io.edistream.jobs;

import io.edistream.schemas.Command;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.Spike;
import org.apache.flink.api.connector.sink2.Sink;

/**
 * Where the job's four outputs go.
 *
 * @param control commands to generators
 * @param scores running and final scores
 * @param spikes bursts and rebounds
 * @param rejected events that could not be used
 */
public record Sinks(Sink<Command> control, Sink<Score> scores, Sink<Spike> spikes, Sink<Rejected> rejected) {}
