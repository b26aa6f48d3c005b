package io.edistream.cli.topics;

import io.edistream.jobs.topics.TopicState;
import io.edistream.schemas.RecordLimits;
import io.edistream.schemas.TopicPlan;
import io.edistream.schemas.TopicSettings;
import io.edistream.schemas.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a cluster has of the plan, for one screen.
 *
 * @param plan what it should have
 * @param states what it has, by name
 */
record TopicReport(TopicPlan plan, Map<String, TopicState> states) {

    /** One line per topic, and one more for everything in which it differs. */
    List<String> lines() {
        int width = plan.all().stream()
                .mapToInt(topic -> topic.name().length())
                .max()
                .orElse(0);
        List<String> lines = new ArrayList<>();
        for (TopicSettings topic : plan.all()) {
            TopicState state = states.get(topic.name());
            lines.add(pad(topic.name(), width) + "  " + summary(state));
            differences(topic, state).forEach(difference -> lines.add("    " + difference));
        }
        return lines;
    }

    /** Names of required topics that are missing. */
    List<String> missing() {
        Topics topics = plan.topics();
        return topics.required().stream()
                .filter(name -> states.get(name).presence() == TopicState.Presence.MISSING)
                .toList();
    }

    /** Names of topics that take records which expand to more than readers have room for. */
    List<String> unguarded() {
        return states.values().stream()
                .filter(TopicState::lacksGuard)
                .map(TopicState::name)
                .toList();
    }

    /** Names of topics that exist and whose settings the user may not see. */
    List<String> unknown() {
        return states.values().stream()
                .filter(state -> state.exists() && state.settings().isEmpty())
                .map(TopicState::name)
                .toList();
    }

    private String summary(TopicState state) {
        return switch (state.presence()) {
            case MISSING -> plan.topics().required().contains(state.name()) ? "MISSING" : "missing (provisional)";
            case HIDDEN -> "unknown: no right to describe it";
            case EXISTS ->
                count(state.partitions(), "partition") + ", " + count(state.replicas(), "replica")
                        + (state.settings().isPresent() ? "" : ", settings unknown: no right DESCRIBE_CONFIGS");
        };
    }

    private static List<String> differences(TopicSettings planned, TopicState state) {
        List<String> differences = new ArrayList<>();
        if (state.exists() && state.partitions() != planned.partitions()) {
            differences.add("partitions: " + state.partitions() + ", planned " + planned.partitions());
        }
        state.settings().ifPresent(settings -> planned.settings().forEach((name, value) -> {
            String actual = settings.getOrDefault(name, "unknown to this broker");
            if (!actual.equals(value)) {
                boolean dangerous = name.equals(RecordLimits.SETTING) && state.lacksGuard();
                differences.add(name + ": " + actual + ", planned " + value
                        + (dangerous ? "; small records can fill the memory of readers" : ""));
            }
        }));
        return differences;
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(width - text.length());
    }
}
