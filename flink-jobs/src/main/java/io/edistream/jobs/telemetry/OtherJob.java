package io.edistream.jobs.telemetry;

import io.edistream.schemas.Mode;
import io.edistream.schemas.RuleInForce;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A job that was heard of.
 *
 * @param id id of its run
 * @param name name that its operator gave it
 * @param release release that runs
 * @param age time since its newest heartbeat by the clocks of both, at least 0
 * @param killSwitch whether its kill switch is on, so that no rule acts
 * @param modes modes of its rules
 */
public record OtherJob(
        String id, String name, String release, Duration age, boolean killSwitch, List<RuleInForce> modes) {

    /** Copies the modes. */
    public OtherJob {
        modes = List.copyOf(modes);
    }

    /** Whether a rule of it acts. */
    public boolean isArmed() {
        return !killSwitch && modes.stream().anyMatch(rule -> rule.getMode() == Mode.ARMED);
    }

    /**
     * What to tell whoever starts another one.
     *
     * @param topic the topic of commands, where it was heard
     */
    public String warning(String topic) {
        String armed = isArmed()
                ? modes.stream()
                        .filter(rule -> rule.getMode() == Mode.ARMED)
                        .map(rule -> rule.getRule() + ":" + rule.getRevision())
                        .collect(Collectors.joining(", ", "armed: ", ""))
                : "nothing armed";
        return String.format(
                Locale.ROOT,
                "another job '%s' (id %s, %s) sent a heartbeat %.1f s ago on %s: two armed jobs decide twice,"
                        + " whatever their names and groups; stop it, or leave the rules of one in shadow",
                name,
                id,
                armed,
                age.toMillis() / 1000.0,
                topic);
    }
}
