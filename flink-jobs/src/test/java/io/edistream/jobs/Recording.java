package io.edistream.jobs;

import static io.edistream.jobs.Batches.batch;

import io.edistream.jobs.Batches.Sample;
import io.edistream.jobs.source.SourceRecord;
import io.edistream.jobs.source.SourceRecord.Undecoded;
import io.edistream.jobs.watch.Origin;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.signals.Scoring;
import io.edistream.signals.rules.Act;
import io.edistream.signals.rules.LimitScope;
import io.edistream.signals.rules.Mode;
import io.edistream.signals.rules.RuleKey;
import io.edistream.signals.rules.Rules;
import io.edistream.signals.rules.Rules.Setting;
import io.edistream.signals.rules.Threshold;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What several sources with several sequences at a time might have published: in part lost, repeated and wrong, and with
 * sequences that are never finished. Partitions hold one source or two.
 */
public final class Recording {

    public static final int GENERATORS = 5;
    public static final int PARTITIONS = 3;
    public static final int SEQUENCES = 12;

    private static final int LIVE = 4;
    private static final int STEPS = 80;

    private static final long STEP_MICROS = 500_000;

    /**
     * Less than the recording lasts by the records' own times, so that sequences without a finish are abandoned by them,
     * and more than it takes to replay, so that no clock closes any.
     */
    private static final Duration IDLE = Duration.ofSeconds(100);

    /** Signals, and rules of both kinds. */
    public static final WatchSettings SETTINGS = WatchSettings.of(
                    Scoring.DEFAULT.withTrackedClass("digit"),
                    new Rules(List.of(
                            new Setting(
                                    Threshold.above(
                                                    new RuleKey("abort-above", 1),
                                                    LimitScope.ofModels("reasoner-s"),
                                                    "edis",
                                                    6,
                                                    new Act.Abort(true))
                                            .from(8),
                                    Mode.ARMED),
                            new Setting(
                                    Threshold.above(
                                                    new RuleKey("branch-above", 1),
                                                    LimitScope.ofModels("reasoner-s"),
                                                    Threshold.NEWEST_ENTROPY,
                                                    3.5,
                                                    new Act.Branch(2, 8))
                                            .atMost(2),
                                    Mode.SHADOW))))
            .withIdleTimeout(IDLE);

    private Recording() {}

    /** The records of all sources, interleaved as one reader of all partitions may see them; each source's in order. */
    public static List<SourceRecord> records(long seed) {
        List<List<SourceRecord>> bySource = new ArrayList<>();
        for (int generator = 0; generator < GENERATORS; generator++) {
            bySource.add(records(seed + generator, generator + 1));
        }
        Random random = new Random(seed);
        List<SourceRecord> all = new ArrayList<>();
        while (!bySource.isEmpty()) {
            List<SourceRecord> source = bySource.get(random.nextInt(bySource.size()));
            all.add(source.remove(0));
            if (source.isEmpty()) {
                bySource.remove(source);
            }
        }
        return all;
    }

    private static List<SourceRecord> records(long seed, long generator) {
        Random random = new Random(seed);
        List<SourceRecord> records = new ArrayList<>();
        for (int first = 0; first < SEQUENCES; first += LIVE) {
            List<List<Sample>> tokens = new ArrayList<>();
            Batches starts = batch(generator, records.size());
            for (int i = 0; i < LIVE; i++) {
                // Out of order, as when children overtake samples that wait.
                starts.start(first + (i ^ 1));
                tokens.add(Batches.random(seed + first + i, 20 + random.nextInt(60)));
            }
            add(records, generator, starts);
            for (int step = 0; step < STEPS; step++) {
                Batches batch = batch(generator, records.size());
                for (int i = 0; i < LIVE; i++) {
                    step(batch, first + i, tokens.get(i), step, random);
                }
                add(records, generator, batch);
            }
        }
        // So that the source's clock passes the time-out of those that were never finished.
        for (int step = 0; step < 250; step++) {
            add(records, generator, batch(generator, records.size()));
        }
        return records;
    }

    private static void add(List<SourceRecord> records, long generator, Batches batch) {
        int partition = (int) (generator % PARTITIONS);
        batch.at(STEP_MICROS * records.size());
        records.add(new Undecoded(generator, new Origin(partition, records.size()), batch.bytes()));
    }

    private static void step(Batches batch, long counter, List<Sample> tokens, int step, Random random) {
        if (step < tokens.size()) {
            int fate = random.nextInt(50);
            if (fate == 0) {
                return;
            }
            int from = fate == 1 ? Math.max(0, step - 2) : step;
            batch.run(counter, from, tokens.subList(from, step + 1));
            if (fate == 2) {
                batch.run(counter, step + 1, Batches.token(-1));
            }
        } else if (step == tokens.size() && counter % 5 != 3) {
            batch.finish(counter, tokens.size());
        }
    }
}
