package io.edistream.jobs.telemetry;

import java.util.Locale;

/** What a record of telemetry is, as far as its fate depends on it. */
public enum RecordKind {
    /** A sequence's final score: kept until Kafka has it, across failures too. */
    FINAL(true, "final scores"),
    /** A running score. */
    RUNNING(false, "running scores"),
    /** A burst or rebound. */
    SPIKE(false, "spikes"),
    /** Something that could not be used. */
    REJECTED(false, "rejections"),
    /** A sign of life. */
    HEARTBEAT(false, "heartbeats");

    private final boolean kept;
    private final String plural;

    RecordKind(boolean kept, String plural) {
        this.kept = kept;
        this.plural = plural;
    }

    /** Whether it is part of checkpoints until Kafka has acknowledged it; the others may be dropped. */
    boolean kept() {
        return kept;
    }

    /** Its name as a label of metrics. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** What several of them are called in a sentence. */
    String plural() {
        return plural;
    }
}
