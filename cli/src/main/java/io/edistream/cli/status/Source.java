package io.edistream.cli.status;

import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.TokenRun;
import io.edistream.schemas.UnmeasuredTokens;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a source of tokens published while somebody listened. */
final class Source {

    /** Names of models, routes and engines that are kept of each; more say nothing to people. */
    static final int MAX_NAMES = 8;

    /** Sequences that are told apart. */
    static final int MAX_LIVE = 100_000;

    private final Set<String> engines = new TreeSet<>();
    private final Set<String> models = new TreeSet<>();
    private final Set<String> routes = new TreeSet<>();
    private final Set<Integer> partitions = new TreeSet<>();
    private final Set<Long> live = new HashSet<>();
    private final Map<String, Long> unmeasured = new TreeMap<>();
    private long tokens;
    private long measured;
    private long newestRecord = -1;
    private long missingRecords;

    void onStep(int partition, TokenEntropyBatch step) {
        partitions.add(partition);
        long number = step.getRecordNumber();
        if (newestRecord >= 0 && number > newestRecord + 1) {
            missingRecords += number - newestRecord - 1;
        }
        newestRecord = Math.max(newestRecord, number);
        for (SequenceStart start : step.getStarts()) {
            add(engines, start.getEngine());
            onNames(start.getModel(), start.getRoute());
            begin(start.getSequence());
        }
        for (TokenRun run : step.getRuns()) {
            tokens += Math.max(0, run.getTokens());
            begin(run.getSequence());
        }
        measure(step);
        for (SequenceFinish finish : step.getFinishes()) {
            live.remove(finish.getSequence());
        }
    }

    /** A score of one of its sequences names its model and route. */
    void onNames(String model, String route) {
        add(models, model);
        add(routes, route);
    }

    private void measure(TokenEntropyBatch step) {
        List<Float> entropies = step.getEntropies();
        for (float entropy : entropies) {
            measured += Float.isNaN(entropy) ? 0 : 1;
        }
        for (UnmeasuredTokens entry : step.getUnmeasured()) {
            long without = 0;
            for (long place = Math.max(0, entry.getPlace());
                    place < (long) entry.getPlace() + entry.getCount();
                    place++) {
                // One may have an entropy and lack something else, for which the reason stands there.
                without += place >= entropies.size() || Float.isNaN(entropies.get((int) place)) ? 1 : 0;
            }
            if (without > 0) {
                unmeasured.merge(entry.getReason().toString(), without, Long::sum);
            }
        }
    }

    private void begin(long sequence) {
        if (live.size() < MAX_LIVE) {
            live.add(sequence);
        }
    }

    private static void add(Set<String> names, String name) {
        if (!name.isEmpty() && names.size() < MAX_NAMES) {
            names.add(name);
        }
    }

    /** Engines that starts named; empty if none was heard. */
    Set<String> engines() {
        return Collections.unmodifiableSet(engines);
    }

    /** Models that starts or scores named. */
    Set<String> models() {
        return Collections.unmodifiableSet(models);
    }

    /** Routes that starts or scores named. */
    Set<String> routes() {
        return Collections.unmodifiableSet(routes);
    }

    /** Partitions that it wrote to: one, as long as it obeys the contract. */
    Set<Integer> partitions() {
        return Collections.unmodifiableSet(partitions);
    }

    /** Sequences that began or went on and did not end. */
    int live() {
        return live.size();
    }

    /** Tokens that arrived. */
    long tokens() {
        return tokens;
    }

    /** Those of them that have an entropy. */
    long measured() {
        return measured;
    }

    /** Tokens without an entropy, by why. */
    Map<String, Long> unmeasured() {
        return Collections.unmodifiableMap(unmeasured);
    }

    /** Records between those that arrived. */
    long missingRecords() {
        return missingRecords;
    }
}
