package io.edistream.jobs.topics;

import io.edistream.schemas.RecordLimits;
import io.edistream.schemas.Topics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Whether the topics that somebody needs are there, and safe to read: asked once, at the start. */
public final class TopicCheck {

    /** Who starts. */
    public enum Reader {
        /** The job. */
        JOB,
        /** A source of tokens. */
        SOURCE;

        private List<String> needed(Topics topics) {
            return switch (this) {
                case JOB ->
                    List.of(
                            topics.tokenEntropy(),
                            topics.control(),
                            topics.scores(),
                            topics.spikes(),
                            topics.rejected());
                case SOURCE -> List.of(topics.tokenEntropy(), topics.control(), topics.controlOutcomes());
            };
        }

        /** Without input there is nothing to do, and without control nothing can be done about it. */
        private List<String> indispensable(Topics topics) {
            return switch (this) {
                case JOB -> List.of(topics.tokenEntropy(), topics.control());
                // Decoding goes on without anything that watches.
                case SOURCE -> List.of();
            };
        }
    }

    private final Reader reader;
    private final Topics topics;
    private final String bootstrapServers;
    private final Collection<TopicState> states;

    private TopicCheck(Reader reader, Topics topics, String bootstrapServers, Collection<TopicState> states) {
        this.reader = reader;
        this.topics = topics;
        this.bootstrapServers = bootstrapServers;
        this.states = states;
    }

    /**
     * Looks at what a reader needs.
     *
     * @throws KafkaRefusal if the cluster does not answer
     */
    public static TopicCheck look(TopicAdmin admin, Reader reader, Topics topics, String bootstrapServers)
            throws InterruptedException {
        return new TopicCheck(
                reader,
                topics,
                bootstrapServers,
                admin.look(reader.needed(topics)).values());
    }

    /** Why the reader cannot start: something that it cannot do without is missing. */
    public Optional<String> refusal() {
        List<String> missing = missing();
        return missing.stream().anyMatch(reader.indispensable(topics)::contains)
                ? Optional.of(lacks(missing))
                : Optional.empty();
    }

    /** What somebody should know of, in sentences. */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        List<String> missing = missing();
        if (!missing.isEmpty()) {
            warnings.add(lacks(missing));
        }
        List<String> hidden = names(state -> state.presence() == TopicState.Presence.HIDDEN);
        if (!hidden.isEmpty()) {
            warnings.add(topics(hidden) + " of Kafka at " + bootstrapServers
                    + " cannot be seen: the user has no right to use or describe " + them(hidden));
        }
        List<String> unsafe = names(state -> isRead(state) && state.lacksGuard());
        if (!unsafe.isEmpty()) {
            warnings.add(topics(unsafe) + " of Kafka at " + bootstrapServers
                    + " may hold small records that fill the memory of whoever reads them, since "
                    + RecordLimits.SETTING + " is not " + RecordLimits.MAX_RECORD_BYTES + " or less; set it with: "
                    + command("--guard"));
        }
        List<String> unknown = names(
                state -> isRead(state) && state.exists() && state.settings().isEmpty());
        if (!unknown.isEmpty()) {
            warnings.add("whether " + RecordLimits.SETTING + " is set for " + topics(unknown)
                    + " was not looked at: the user lacks the right DESCRIBE_CONFIGS");
        }
        return warnings;
    }

    private String lacks(List<String> missing) {
        return "Kafka at " + bootstrapServers + " lacks " + topics(missing) + "; create " + them(missing) + " with: "
                + command("--create");
    }

    private String command(String action) {
        return "edistream topics " + action + options(bootstrapServers, topics);
    }

    /**
     * The options by which a command that a sentence advises finds the same topics, a space before them. Properties may
     * hold passwords and are not repeated.
     */
    public static String options(String bootstrapServers, Topics topics) {
        String prefix = topics.equals(Topics.DEFAULT) ? "" : " --topic-prefix '" + topics.prefix() + "'";
        return " --bootstrap-servers " + bootstrapServers + prefix;
    }

    private List<String> missing() {
        return names(state -> state.presence() == TopicState.Presence.MISSING);
    }

    /** By the job or a source, whose memory is at stake. */
    private boolean isRead(TopicState state) {
        return state.name().equals(topics.tokenEntropy()) || state.name().equals(topics.control());
    }

    private List<String> names(Predicate<TopicState> wanted) {
        return states.stream().filter(wanted).map(TopicState::name).toList();
    }

    private static String topics(List<String> names) {
        return (names.size() == 1 ? "the topic " : "the topics ") + String.join(", ", names);
    }

    private static String them(List<String> names) {
        return names.size() == 1 ? "it" : "them";
    }
}
