package io.edistream.cli.status;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.jobs.topics.TopicState;
import io.edistream.schemas.RuleInForce;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/** A report for programs. What was not measured is null. */
final class StatusJson {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final Report report;

    private StatusJson(Report report) {
        this.report = report;
    }

    /** The report as an object. */
    static ObjectNode of(Report report) {
        return new StatusJson(report).status();
    }

    private ObjectNode status() {
        Traffic traffic = report.heard().traffic();
        ObjectNode status = NODES.objectNode();
        status.put("kafka", report.servers());
        status.put("listened_seconds", report.heard().seconds());
        ObjectNode topics = status.putObject("topics");
        report.topics().required().forEach(name -> topics.set(name, topic(name)));
        if (report.isKnown(report.topics().tokenEntropy())) {
            ArrayNode sources = status.putArray("sources");
            traffic.sources().forEach((id, source) -> sources.add(source(id, source)));
            status.put("missing_records", report.missingRecords());
        } else {
            status.putNull("sources");
            status.putNull("missing_records");
        }
        if (report.isKnown(report.topics().control())) {
            ArrayNode jobs = status.putArray("jobs");
            report.running().forEach((id, job) -> jobs.add(job(id, job)));
        } else {
            status.putNull("jobs");
        }
        if (report.isKnown(report.topics().scores())) {
            status.put("running_scores_per_second", report.perSecond(traffic.runningScores()));
            status.put("final_scores_per_second", report.perSecond(traffic.finalScores()));
            status.put("missing_tokens", traffic.missingTokens());
        } else {
            status.putNull("running_scores_per_second");
            status.putNull("final_scores_per_second");
            status.putNull("missing_tokens");
        }
        counts(status, "commands", report.topics().control(), traffic.commands());
        counts(status, "continued", report.topics().tokenEntropy(), traffic.continued());
        counts(status, "outcomes", report.topics().controlOutcomes(), traffic.outcomes());
        counts(status, "rejected", report.topics().rejected(), traffic.rejected());
        status.put("unreadable_records", traffic.unreadable());
        status.put("unread_records", report.heard().unread());
        ArrayNode problems = status.putArray("problems");
        report.problems().forEach(problems::add);
        return status;
    }

    private ObjectNode topic(String name) {
        ObjectNode topic = NODES.objectNode();
        TopicState state = report.states().get(name);
        topic.put(
                "presence", state == null ? "missing" : state.presence().name().toLowerCase(Locale.ROOT));
        if (state == null || state.settings().isEmpty()) {
            topic.putNull("guarded");
        } else {
            topic.put("guarded", !state.lacksGuard());
        }
        return topic;
    }

    private ObjectNode source(String id, Source source) {
        ObjectNode node = NODES.objectNode();
        node.put("generator", id);
        node.put("tokens_per_second", report.perSecond(source.tokens()));
        node.put("live", source.live());
        node.put("tokens", source.tokens());
        node.put("measured_tokens", source.measured());
        ObjectNode unmeasured = node.putObject("unmeasured_tokens");
        source.unmeasured().forEach(unmeasured::put);
        node.set("engines", names(source.engines()));
        node.set("models", names(source.models()));
        node.set("routes", names(source.routes()));
        node.put("missing_records", source.missingRecords());
        ArrayNode partitions = node.putArray("partitions");
        source.partitions().forEach(partitions::add);
        return node;
    }

    private static ArrayNode names(Collection<String> names) {
        ArrayNode node = NODES.arrayNode();
        names.forEach(node::add);
        return node;
    }

    private ObjectNode job(String id, Job job) {
        ObjectNode node = NODES.objectNode();
        node.put("job_id", id);
        node.put("job_name", job.newest().getJobName());
        node.put("release", job.newest().getRelease());
        node.put("heartbeat_age_seconds", report.ageSeconds(job));
        node.put("tasks", job.newest().getTasks());
        node.put("tasks_heard", job.tasksHeard());
        node.put("kill_switch", job.newest().getKillSwitch());
        node.put("armed", job.isArmed());
        ArrayNode rules = node.putArray("rules");
        for (RuleInForce rule : job.newest().getModes()) {
            rules.addObject()
                    .put("rule", rule.getRule())
                    .put("revision", rule.getRevision())
                    .put("mode", rule.getMode().toString());
        }
        ObjectNode lag = node.putObject("lag_records");
        for (Map.Entry<Integer, OptionalLong> partition : report.lag(job).entrySet()) {
            String number = String.valueOf(partition.getKey());
            if (partition.getValue().isPresent()) {
                lag.put(number, partition.getValue().getAsLong());
            } else {
                lag.putNull(number);
            }
        }
        return node;
    }

    private void counts(ObjectNode status, String name, String topic, Map<String, Long> counts) {
        if (!report.isKnown(topic)) {
            status.putNull(name);
            return;
        }
        ObjectNode node = status.putObject(name);
        counts.forEach(node::put);
    }
}
