package io.edistream.console.exporter;

import io.edistream.metrics.RegisteredMetrics;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.Mode;
import io.edistream.schemas.RuleInForce;
import io.edistream.schemas.metrics.ExporterMetrics;
import io.prometheus.metrics.core.metrics.Gauge;
import java.util.HashSet;
import java.util.Set;

/** What the heartbeats of one job say: its rules, their modes, the kill switch. A rule that is no longer asked is absent. */
final class JobSeries {

    private final RegisteredMetrics metrics;
    private final Names rules;
    private final String jobName;
    private Set<String> shown = new HashSet<>();

    JobSeries(RegisteredMetrics metrics, Names rules, String jobName) {
        this.metrics = metrics;
        this.rules = rules;
        this.jobName = jobName;
    }

    void onHeartbeat(Heartbeat heartbeat) {
        metrics.gauge(ExporterMetrics.KILL_SWITCH).labelValues(jobName).set(heartbeat.getKillSwitch() ? 1 : 0);
        Gauge revisions = metrics.gauge(ExporterMetrics.RULE_REVISION);
        Gauge modes = metrics.gauge(ExporterMetrics.RULE_MODE);
        Set<String> asked = new HashSet<>();
        for (RuleInForce rule : heartbeat.getModes()) {
            String name = rules.of(rule.getRule());
            asked.add(name);
            revisions.labelValues(jobName, name).set(rule.getRevision());
            for (Mode mode : Mode.values()) {
                modes.labelValues(jobName, name, Names.of(mode)).set(mode == rule.getMode() ? 1 : 0);
            }
        }
        for (String name : shown) {
            if (!asked.contains(name)) {
                revisions.remove(jobName, name);
                for (Mode mode : Mode.values()) {
                    modes.remove(jobName, name, Names.of(mode));
                }
            }
        }
        shown = asked;
    }
}
