package io.edistream.jobs.watch;

import io.edistream.schemas.Ids;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.Step;
import io.edistream.schemas.StepDecoder;
import io.edistream.schemas.UnreadableRecordException;
import io.edistream.signals.Catalogue;
import io.edistream.signals.rules.Judge;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Watches the sequences of many sources: takes in their records one after another and says what follows. Everything of
 * the job that is not Flink.
 *
 * <p>What it puts out of a sequence depends on the records of its source in their order, on the scoring at its start and
 * on the rules, on nothing else, but for four things that are marked or counted where they occur: the mode of a command,
 * what {@link #onTimer} closes, rejections beyond the budget, and what a bound of the whole task refused.
 *
 * <p>Used by one thread.
 */
public final class Watcher {

    private static final Origin NOWHERE = new Origin(-1, -1);

    private final WatchSettings settings;
    private final Records records;
    private final Counts counts;
    private final Rejections rejections;
    private final Session session;
    private final Population population;
    private final Backlog backlog;
    private final StartIntake starts;
    private final RunIntake runs;
    private final Silence silence;
    private final StepDecoder decoder = new StepDecoder();
    private final Step step = new Step();
    private final IdentityHashMap<Catalogue, Judge> judges = new IdentityHashMap<>();

    /**
     * @param nowMillis processing time, from which on silence counts
     */
    public Watcher(WatchSettings settings, Records records, Counts counts, long nowMillis) {
        this.settings = settings;
        this.records = records;
        this.counts = counts;
        this.rejections = new Rejections(counts);
        this.session = new Session(records, rejections);
        this.population = new Population(settings.idleTimeout().toMillis());
        this.backlog = new Backlog(settings.idleTimeout().toMillis(), nowMillis);
        this.starts = new StartIntake(settings, session, population, counts);
        this.runs = new RunIntake(records, counts, settings.scoreIntervalTokens(), session);
        this.silence = new Silence(settings, session, population, backlog, records, counts);
    }

    /** Of sequences that keep another scoring, rules may name a signal that they lack. */
    private Judge judge(Catalogue of) {
        return judges.computeIfAbsent(of, key -> Judge.ofKnownSignals(settings.rules(), key));
    }

    /** How far reading is behind; told by whoever knows. */
    public Backlog backlog() {
        return backlog;
    }

    /** Sequences that run, of all sources. */
    public int live() {
        return population.live();
    }

    /** Sources of which something is remembered. */
    public int generators() {
        return population.generators();
    }

    /** Entries of the index of deadlines, those of ended sequences included. */
    int deadlines() {
        return population.deadlines().size();
    }

    /** A source was found in restored state. */
    public void restored(long generator, long now, Store store) {
        population.generatorAdmitted();
        session.open(generator, now, store);
        GeneratorState state = store.generator();
        if (state != null) {
            silence.restored(state);
        }
    }

    /** A sequence was found in restored state. */
    public void restored(long generator, long counter, SequenceState state) {
        population.sequenceAdmitted(generator, counter, state.lastEventMicros());
    }

    /** Something about a record that was found before the source was known, within the budget of its partition. */
    public void onRejected(Rejected rejected, long now, Output output) {
        rejections.add(rejected.getPartition(), rejected, now, output);
    }

    /** Tells summaries that are due. To be called every few seconds. */
    public void onTick(long now, Output output) {
        rejections.tick(now, output);
    }

    /**
     * A record of the source that the store is open for.
     *
     * @param now processing time, milliseconds; decides about silence and rejections, and about nothing else
     */
    public void onRecord(long generator, Origin origin, byte[] record, long now, Store store, Output output) {
        session.open(generator, origin, now, store, output);
        try {
            decoder.decode(record, step);
        } catch (UnreadableRecordException e) {
            Rejected rejected = records.unreadable(origin, e.reason(), String.valueOf(e.getMessage()), record);
            rejected.setGenerator(Ids.generatorId(generator));
            rejections.add(generator, rejected, now, output);
            return;
        }
        GeneratorState state = store.generator();
        if (state == null) {
            state = admitGenerator();
            if (state == null) {
                return;
            }
        }
        counts.missingRecords(state.note(step.recordNumber()));
        state.advance(step.decodedAtMicros(), population.maxStepMicros());
        for (SequenceStart start : step.starts()) {
            starts.take(start, state);
        }
        takeRuns(state);
        takeFinishes(state);
        for (int i = 0; i < step.labels().size(); i++) {
            counts.lateLabel();
        }
        silence.endSilent(state);
        state.processed(now);
        silence.arm(state);
        store.put(state);
    }

    /** A source is remembered from its first start on; what comes before concerns no sequence that is watched. */
    private @Nullable GeneratorState admitGenerator() {
        if (step.starts().isEmpty() || population.generators() >= settings.maxGenerators()) {
            rejectAll();
            return null;
        }
        population.generatorAdmitted();
        GeneratorState created = new GeneratorState();
        session.store().create(created);
        return created;
    }

    private void rejectAll() {
        for (SequenceStart start : step.starts()) {
            session.reject(
                    RejectReason.GENERATOR_LIMIT,
                    "start of a source beyond the " + settings.maxGenerators()
                            + " that one task watches: it is not watched",
                    start.getSequence(),
                    null);
        }
        for (int run = 0; run < step.runs(); run++) {
            session.rejectUnknown(step.sequence(run), step.firstToken(run), false);
        }
        for (SequenceFinish finish : step.finishes()) {
            session.rejectUnknown(finish.getSequence(), null, false);
        }
    }

    private void takeRuns(GeneratorState state) {
        if (!step.columnProblem().isEmpty()) {
            session.reject(RejectReason.COLUMN_MISMATCH, step.columnProblem() + "; no token of the record was used");
            return;
        }
        for (int run = 0; run < step.runs(); run++) {
            takeRun(run, state);
        }
    }

    private void takeRun(int run, GeneratorState state) {
        long counter = step.sequence(run);
        int first = step.firstToken(run);
        int length = step.length(run);
        if (length == 0) {
            session.reject(
                    RejectReason.EMPTY_RUN,
                    "run of 0 tokens at token " + first + ": must be at least 1",
                    counter,
                    first);
            return;
        }
        if (first < 0 || first > Starts.MAX_TOKEN - (length - 1)) {
            session.reject(
                    RejectReason.BAD_VALUE,
                    "token index " + first + " of a run of " + length + " tokens: every index must be 0 to "
                            + Starts.MAX_TOKEN,
                    counter,
                    first);
            return;
        }
        SequenceState sequence = session.store().sequence(counter);
        if (sequence == null) {
            session.rejectUnknown(counter, first, state.starts().contains(counter));
            return;
        }
        runs.take(
                step,
                run,
                sequence,
                Ids.sequenceId(session.generator(), counter),
                judge(sequence.catalogue()),
                session.out());
        sequence.touched(state.clockMicros());
        session.store().put(counter, sequence);
    }

    private void takeFinishes(GeneratorState state) {
        for (SequenceFinish finish : step.finishes()) {
            long counter = finish.getSequence();
            SequenceState sequence = session.store().sequence(counter);
            if (sequence == null) {
                session.rejectUnknown(counter, null, state.starts().contains(counter));
            } else {
                takeFinish(finish, sequence, state);
            }
        }
    }

    private void takeFinish(SequenceFinish finish, SequenceState sequence, GeneratorState state) {
        long counter = finish.getSequence();
        int next = sequence.monitor().nextToken();
        int missing = 0;
        if (finish.getTokens() < next || finish.getTokens() > Starts.MAX_TOKEN + 1) {
            session.reject(
                    RejectReason.BAD_VALUE,
                    "tokens " + finish.getTokens() + " in the finish: must be " + next + " to "
                            + (Starts.MAX_TOKEN + 1)
                            + (next == 0 ? ", and none arrived" : ", since tokens up to " + (next - 1) + " arrived")
                            + "; the sequence was ended without that number",
                    counter,
                    null);
        } else {
            missing = finish.getTokens() - next;
            counts.missingTokens(missing);
        }
        session.out()
                .score(records.finalScore(Ids.sequenceId(session.generator(), counter), sequence, finish, missing));
        counts.score(true);
        counts.finished();
        population.sequenceEnded(counter, state, session.store());
    }

    /**
     * A source's timer went off: it may have been silent for so long that its sequences are ended, or that it is
     * forgotten.
     *
     * @param setForMillis when it should have
     */
    public void onTimer(long generator, long setForMillis, long now, Store store, Output output) {
        session.open(generator, NOWHERE, now, store, output);
        silence.onTimer(setForMillis);
    }
}
