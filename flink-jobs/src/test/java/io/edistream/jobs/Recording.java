package io.edistream.jobs;

import static io.edistream.jobs.Batches.batch;

import io.edistream.jobs.events.BatchReader;
import io.edistream.jobs.events.SequenceEvent;
import io.edistream.jobs.events.SequenceEvent.Origin;
import io.edistream.schemas.Token;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.signals.Scoring;
import io.edistream.signals.monitor.Policy;
import io.edistream.signals.rules.AbortAbove;
import io.edistream.signals.rules.BranchAbove;
import io.edistream.signals.rules.RuleHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** What a generator with several sequences at a time might have published: in part lost, repeated and wrong. */
public final class Recording {

    public static final int SEQUENCES = 60;

    /** Signals, and rules of both kinds. */
    public static final Policy POLICY = new Policy(
            Scoring.DEFAULT.withTrackedClass("result"),
            List.of(
                    new AbortAbove(new RuleHeader("abort-above", 1, true, Set.of("reasoner-s")), "edis", 6, 8),
                    new BranchAbove(new RuleHeader("branch-above", 1, false, Set.of()), 3.5, 2, 8, 2)));

    private Recording() {}

    /** The batches; the same ones for the same seed. */
    public static List<TokenEntropyBatch> batches(long seed) {
        Random random = new Random(seed);
        List<TokenEntropyBatch> batches = new ArrayList<>();
        for (int first = 0; first < SEQUENCES; first += 4) {
            List<List<Token>> tokens = new ArrayList<>();
            Batches starts = batch(batches.size());
            for (int i = 0; i < 4; i++) {
                starts.start(first + i);
                tokens.add(Batches.random(seed + first + i, 20 + random.nextInt(60)));
            }
            batches.add(starts.build());
            for (int step = 0; step < 80; step++) {
                Batches batch = batch(batches.size());
                for (int i = 0; i < 4; i++) {
                    step(batch, first + i, tokens.get(i), step, random);
                }
                batches.add(batch.build());
            }
        }
        return batches;
    }

    private static void step(Batches batch, long counter, List<Token> tokens, int step, Random random) {
        if (step < tokens.size()) {
            int fate = random.nextInt(50);
            if (fate == 0) {
                return;
            }
            int from = fate == 1 ? Math.max(0, step - 2) : step;
            batch.run(counter, from, tokens.subList(from, step + 1));
            if (fate == 2) {
                batch.run(counter, step + 1, Batches.token(Double.NaN));
            }
        } else if (step == tokens.size()) {
            batch.finish(counter, tokens.size());
        }
    }

    /** The events of the batches. */
    public static List<SequenceEvent> events(long seed) {
        List<SequenceEvent> events = new ArrayList<>();
        int offset = 0;
        for (TokenEntropyBatch batch : batches(seed)) {
            BatchReader.read(batch, new Origin(0, offset++), events::add);
        }
        return events;
    }
}
