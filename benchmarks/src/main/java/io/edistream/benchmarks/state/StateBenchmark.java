package io.edistream.benchmarks.state;

import io.edistream.benchmarks.Row;
import io.edistream.jobs.sequences.StateBytes;
import java.util.List;

/** Bytes that a live sequence takes in a checkpoint, without its key. */
public final class StateBenchmark {

    private static final double MAX_BYTES = 528;
    private static final String EXACT = "none: a function of the tokens";

    private StateBenchmark() {}

    /** The table. */
    public static List<Row> run() {
        return List.of(
                Row.held("live sequence, tracked class", StateBytes.ofLive(true), "bytes", MAX_BYTES, EXACT),
                Row.held("live sequence, no tracked class", StateBytes.ofLive(false), "bytes", MAX_BYTES, EXACT));
    }
}
