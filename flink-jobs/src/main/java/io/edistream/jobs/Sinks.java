package io.edistream.jobs;

import io.edistream.schemas.Command;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.Spike;
import org.apache.flink.api.connector.sink2.Sink;

/**
 * Where the job's outputs go.
 *
 * @param control commands to sources of tokens
 * @param heartbeats signs of life, to the same topic
 * @param scores running and final scores
 * @param spikes bursts and rebounds
 * @param rejected what could not be used
 */
public record Sinks(
        Sink<Command> control,
        Sink<Heartbeat> heartbeats,
        Sink<Score> scores,
        Sink<Spike> spikes,
        Sink<Rejected> rejected) {}
