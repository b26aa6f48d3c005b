package io.edistream.cli.status;

import io.edistream.schemas.Action;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.Continuation;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RefusalReason;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.TokenEntropyBatch;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** What went over the topics while somebody listened. */
final class Traffic {

    /** Sources, and jobs, that are told apart. */
    static final int MAX_SOURCES = 10_000;

    /** Rules that are told apart. */
    static final int MAX_RULES = 1_000;

    private final Map<String, Source> sources = new TreeMap<>();
    private final Map<String, Job> jobs = new TreeMap<>();
    private final Map<String, Long> commands = new TreeMap<>();
    private final Map<String, Long> outcomes = new TreeMap<>();
    private final Map<String, Possible> possible = new TreeMap<>();
    private final Map<String, Long> continued = new TreeMap<>();
    private final Map<String, Long> rejected = new TreeMap<>();
    private long runningScores;
    private long finalScores;
    private long missingTokens;
    private long unreadable;
    private long furtherSteps;

    /**
     * Whether sources can do what a rule asks of them.
     *
     * @param unsupported commands that they cannot carry out
     * @param why the sentence of the last of these; empty if there are none
     * @param able whether there was one that they could have carried out
     */
    record Possible(long unsupported, String why, boolean able) {}

    void onStep(int partition, TokenEntropyBatch step) {
        String id = id(Ids.generator(step.getGenerator()));
        if (sources.size() < MAX_SOURCES) {
            sources.putIfAbsent(id, new Source());
        }
        Source source = sources.get(id);
        if (source == null) {
            furtherSteps++;
        } else {
            source.onStep(partition, step);
        }
        for (SequenceStart start : step.getStarts()) {
            if (start.getContinues() != null) {
                onContinuation(start.getContinues());
            }
        }
    }

    void onScore(Score score) {
        if (score.getFinal$()) {
            finalScores++;
            missingTokens += Math.max(0, score.getMissing());
        } else {
            runningScores++;
        }
        Source source = sources.get(id(Ids.generator(score.getSequence())));
        if (source != null) {
            source.onNames(score.getModel(), score.getRoute());
        }
    }

    void onCommand(Command command) {
        String moves = command.getAction() == Action.REROUTE
                ? " " + Names.shortened(command.getRoute()) + ">" + Names.shortened(command.getTargetRoute())
                : "";
        count(commands, command.getAction() + "." + command.getMode() + moves, 1);
    }

    void onHeartbeat(Heartbeat beat) {
        Job job = jobs.get(beat.getJobId());
        if (job != null) {
            job.onHeartbeat(beat);
        } else if (jobs.size() < MAX_SOURCES) {
            jobs.put(beat.getJobId(), new Job(beat));
        }
    }

    void onOutcome(CommandOutcome outcome) {
        String why = outcome.getRefusal() == RefusalReason.NONE ? "" : "." + outcome.getRefusal();
        int commands = Math.max(1, outcome.getCount());
        count(outcomes, outcome.getKind() + why, commands);
        if (possible.size() < MAX_RULES || possible.containsKey(outcome.getRule())) {
            Possible before = possible.getOrDefault(outcome.getRule(), new Possible(0, "", false));
            possible.put(
                    outcome.getRule(),
                    switch (outcome.getKind()) {
                        case UNSUPPORTED ->
                            new Possible(before.unsupported() + commands, outcome.getDetail(), before.able());
                        case APPLIED, REFUSED, SHADOW -> new Possible(before.unsupported(), before.why(), true);
                        default -> before;
                    });
        }
    }

    void onRejected(Rejected record) {
        count(rejected, record.getReason().toString(), Math.max(1, record.getCount()));
    }

    /** A record that cannot be read, in whatever topic. */
    void onUnreadable() {
        unreadable++;
    }

    /** A sequence goes on from another one. */
    private void onContinuation(Continuation continues) {
        count(continued, continues.getCause() + "." + continues.getMethod(), 1);
    }

    private static void count(Map<String, Long> counts, String what, long times) {
        counts.merge(what, times, Long::sum);
    }

    private static String id(long generator) {
        return String.format("%016x", generator);
    }

    /** Sources by id, 16 hexadecimal digits. */
    Map<String, Source> sources() {
        return Collections.unmodifiableMap(sources);
    }

    /** Jobs by the id of their run. */
    Map<String, Job> jobs() {
        return Collections.unmodifiableMap(jobs);
    }

    /** Commands by action and mode, and routes if they move something, for instance ABORT.ARMED. */
    Map<String, Long> commands() {
        return Collections.unmodifiableMap(commands);
    }

    /** Sequences that go on from others, by why and from what, for instance REROUTE.BY_IDS. */
    Map<String, Long> continued() {
        return Collections.unmodifiableMap(continued);
    }

    /** Commands by what became of them, and why if they were refused. */
    Map<String, Long> outcomes() {
        return Collections.unmodifiableMap(outcomes);
    }

    /** Whether sources can do what is asked of them, by rules. */
    Map<String, Possible> possible() {
        return Collections.unmodifiableMap(possible);
    }

    /** What could not be used, by reason. */
    Map<String, Long> rejected() {
        return Collections.unmodifiableMap(rejected);
    }

    long runningScores() {
        return runningScores;
    }

    long finalScores() {
        return finalScores;
    }

    /** Tokens that final scores lack. */
    long missingTokens() {
        return missingTokens;
    }

    long unreadable() {
        return unreadable;
    }

    /** Records of sources beyond the bound. */
    long furtherSteps() {
        return furtherSteps;
    }
}
