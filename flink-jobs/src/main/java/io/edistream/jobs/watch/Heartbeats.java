package io.edistream.jobs.watch;

import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.Mode;
import io.edistream.schemas.ReadPosition;
import io.edistream.schemas.RuleInForce;
import io.edistream.signals.rules.Rules.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Makes the heartbeats of one task: that it is alive, which rules it asks, and how far it has come. */
public final class Heartbeats {

    private final String jobId;
    private final String jobName;
    private final String release;
    private final int task;
    private final int tasks;
    private final WatchSettings settings;
    private final Map<Integer, Long> nextOffsets = new TreeMap<>();

    /**
     * @param jobId id of this run of the job
     * @param jobName name that its operator gave it
     * @param release release that runs
     * @param task number of the task, from 0
     * @param tasks tasks of the job
     */
    public Heartbeats(String jobId, String jobName, String release, int task, int tasks, WatchSettings settings) {
        this.jobId = jobId;
        this.jobName = jobName;
        this.release = release;
        this.task = task;
        this.tasks = tasks;
        this.settings = settings;
    }

    /** A record has been processed. */
    public void processed(Origin origin) {
        nextOffsets.put(origin.partition(), origin.offset() + 1);
    }

    /**
     * The heartbeat of now.
     *
     * @param nowMicros microseconds since 1970-01-01 UTC
     */
    public Heartbeat beat(long nowMicros) {
        List<RuleInForce> modes = new ArrayList<>();
        for (Setting setting : settings.rules().settings()) {
            modes.add(new RuleInForce(
                    setting.rule().key().id(),
                    setting.rule().key().revision(),
                    switch (setting.mode()) {
                        case OFF -> Mode.OFF;
                        case SHADOW -> Mode.SHADOW;
                        case ARMED -> Mode.ARMED;
                    }));
        }
        List<ReadPosition> positions = new ArrayList<>();
        nextOffsets.forEach((partition, next) -> positions.add(new ReadPosition(partition, next)));
        return new Heartbeat(
                jobId,
                jobName,
                release,
                task,
                tasks,
                nowMicros,
                Records.scoringId(SequenceState.catalogue(settings.scoring())),
                false,
                modes,
                positions);
    }
}
