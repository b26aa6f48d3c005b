package io.edistream.cli.status;

import io.edistream.jobs.topics.TopicCheck;
import io.edistream.jobs.topics.TopicState;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.Topics;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What was found, and what of it is wrong.
 *
 * @param servers brokers
 * @param topics names of the topics
 * @param states what the cluster says of them, by name
 * @param heard what went over them
 * @param nowMicros when that was, microseconds since 1970-01-01 UTC
 * @param maxLag records that a job may be behind
 */
record Report(
        String servers,
        Topics topics,
        Map<String, TopicState> states,
        TrafficReader.Heard heard,
        long nowMicros,
        long maxLag) {

    private static final double MICROS_PER_SECOND = 1e6;

    /** A source that measures less of its tokens is wrong, as for the alert EdistreamGatewayUnmeasured. */
    private static final double MIN_MEASURED = 0.5;

    /** Of fewer a share says little. */
    private static final long MIN_TOKENS = 100;

    /** Names of required topics that do not exist. */
    List<String> missing() {
        return names(TopicState.Presence.MISSING);
    }

    /** Names of required topics that the user may not see, so that nothing is known of them. */
    List<String> hidden() {
        return names(TopicState.Presence.HIDDEN);
    }

    private List<String> names(TopicState.Presence presence) {
        return topics.required().stream()
                .filter(name -> states.get(name) == null || states.get(name).presence() == presence)
                .toList();
    }

    /** Names of topics that take records which expand to more than readers have room for. */
    List<String> unguarded() {
        return topics.required().stream()
                .filter(name -> states.get(name) != null && states.get(name).lacksGuard())
                .toList();
    }

    /** Whether a topic could be listened to. */
    boolean isKnown(String topic) {
        TopicState state = states.get(topic);
        return state != null && state.exists();
    }

    /** What a number of events was per second. */
    double perSecond(long events) {
        return events / heard.seconds();
    }

    /** Seconds since a job's newest heartbeat, by the clocks of both; at least 0. */
    double ageSeconds(Job job) {
        return Math.max(0, nowMicros - job.newest().getSentAtMicros()) / MICROS_PER_SECOND;
    }

    /** Jobs that run: their newest heartbeat is not old. */
    Map<String, Job> running() {
        Map<String, Job> running = new TreeMap<>();
        heard.traffic().jobs().forEach((id, job) -> {
            if (ageSeconds(job) <= TrafficReader.HEARTBEATS.toSeconds()) {
                running.put(id, job);
            }
        });
        return running;
    }

    /** Records that a job has not processed, by partition; empty where it does not say how far it is. */
    Map<Integer, OptionalLong> lag(Job job) {
        Map<Integer, OptionalLong> lag = new TreeMap<>();
        heard.ends().forEach((partition, end) -> {
            Long next = job.nextOffsets().get(partition);
            if (next != null) {
                lag.put(partition, OptionalLong.of(Math.max(0, end - next)));
            } else if (end.equals(heard.beginnings().get(partition))) {
                lag.put(partition, OptionalLong.of(0));
            } else {
                lag.put(partition, OptionalLong.empty());
            }
        });
        return lag;
    }

    /** Records that a job is known not to have processed. */
    long knownLag(Job job) {
        return lag(job).values().stream().mapToLong(lag -> lag.orElse(0)).sum();
    }

    /** Records between those that arrived, of all sources. */
    long missingRecords() {
        return heard.traffic().sources().values().stream()
                .mapToLong(Source::missingRecords)
                .sum();
    }

    /** What is wrong, a sentence each. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        String at = TopicCheck.options(servers, topics);
        if (!missing().isEmpty()) {
            problems.add("missing: " + String.join(", ", missing()) + "; create with: edistream topics --create" + at);
        }
        if (!hidden().isEmpty()) {
            problems.add("not to be seen: " + String.join(", ", hidden())
                    + "; the user of --kafka-config or --kafka-property lacks the right DESCRIBE");
        }
        if (!unguarded().isEmpty()) {
            problems.add("small records can fill the memory of readers of " + String.join(", ", unguarded())
                    + "; set the guard with: edistream topics --guard" + at);
        }
        Map<String, Job> running = running();
        if (running.isEmpty() && isKnown(topics.control())) {
            problems.add("no job sent a heartbeat within " + TrafficReader.HEARTBEATS.toSeconds()
                    + " s: nothing watches; start one with: edistream job" + at);
        }
        running.forEach((id, job) -> addProblems(problems, id, job));
        List<String> armed = running.entrySet().stream()
                .filter(job -> job.getValue().isArmed())
                .map(job -> name(job.getKey(), job.getValue().newest()))
                .toList();
        if (armed.size() > 1) {
            problems.add("armed jobs decide twice: " + String.join(" and ", armed)
                    + "; stop all but one, or start the others with their rules in shadow");
        }
        addUnwatched(problems, running);
        heard.traffic().sources().forEach((id, source) -> addUnmeasured(problems, id, source));
        heard.traffic().possible().forEach((rule, possible) -> addImpossible(problems, rule, possible));
        if (heard.traffic().unreadable() > 0) {
            problems.add(heard.traffic().unreadable()
                    + " records could not be read: another release wrote them, or they are damaged; edistream tail shows"
                    + " which");
        }
        return problems;
    }

    private void addProblems(List<String> problems, String id, Job job) {
        String name = name(id, job.newest());
        long lag = knownLag(job);
        if (lag > maxLag) {
            problems.add(name + " is " + lag + " records behind, more than --max-lag " + maxLag);
        }
        if (job.tasksHeard() < job.newest().getTasks()) {
            problems.add(name + " has " + job.newest().getTasks() + " tasks, of which " + job.tasksHeard()
                    + " sent heartbeats");
        }
    }

    private void addUnwatched(List<String> problems, Map<String, Job> running) {
        Map<Integer, List<String>> unwatched = new HashMap<>();
        heard.traffic().sources().forEach((id, source) -> {
            for (int partition : source.partitions()) {
                if (running.values().stream().noneMatch(job -> job.nextOffsets().containsKey(partition))) {
                    unwatched
                            .computeIfAbsent(partition, none -> new ArrayList<>())
                            .add(id);
                }
            }
        });
        Set<String> sources = unwatched.values().stream().flatMap(List::stream).collect(Collectors.toSet());
        if (!sources.isEmpty()) {
            problems.add((sources.size() == 1 ? "a source publishes" : sources.size() + " sources publish")
                    + " unwatched: no job says that it reads "
                    + (unwatched.size() == 1 ? "partition " : "partitions ")
                    + unwatched.keySet().stream().sorted().map(String::valueOf).collect(Collectors.joining(", "))
                    + " of " + topics.tokenEntropy() + " ("
                    + sources.stream().sorted().limit(3).collect(Collectors.joining(", "))
                    + (sources.size() > 3 ? ", ..." : "") + ")");
        }
    }

    private static void addUnmeasured(List<String> problems, String id, Source source) {
        if (source.tokens() >= MIN_TOKENS && source.measured() < MIN_MEASURED * source.tokens()) {
            problems.add("source " + id + " measured "
                    + Math.round(100.0 * source.measured() / source.tokens())
                    + " % of its tokens; rules see nothing of the others"
                    + (source.unmeasured().isEmpty() ? "" : ", mostly " + mostly(source.unmeasured())));
        }
    }

    private static void addImpossible(List<String> problems, String rule, Traffic.Possible possible) {
        if (possible.unsupported() > 0 && !possible.able()) {
            problems.add("rule " + Names.shortened(rule) + " asks what sources cannot do, UNSUPPORTED "
                    + possible.unsupported()
                    + (possible.why().isEmpty() ? "" : ": " + Names.sentence(possible.why())));
        }
    }

    private static String mostly(Map<String, Long> unmeasured) {
        return Collections.max(unmeasured.entrySet(), Map.Entry.comparingByValue())
                .getKey();
    }

    /** What a job is called in sentences. */
    static String name(String id, Heartbeat beat) {
        return "job '" + Names.shortened(beat.getJobName()) + "' (id " + Names.shortened(id) + ")";
    }
}
