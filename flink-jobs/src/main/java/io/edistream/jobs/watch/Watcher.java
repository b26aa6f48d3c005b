package io.edistream.jobs.watch;

import io.edistream.jobs.watch.StartWindow.Place;
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
import java.util.concurrent.TimeUnit;
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

    private final WatchSettings settings;
    private final Records records;
    private final Counts counts;
    private final Rejections rejections;
    private final RunIntake intake;
    private final StepDecoder decoder = new StepDecoder();
    private final Step step = new Step();
    private final Deadlines deadlines = new Deadlines();
    private final Backlog backlog;
    private final Catalogue catalogue;
    private final IdentityHashMap<Catalogue, Judge> judges = new IdentityHashMap<>();
    private final long idleMicros;
    private final long maxStepMicros;
    private int generators;
    private int live;

    /** Of the record that is being handled. */
    private long generator;

    private Origin origin = new Origin(0, 0);
    private long nowMillis;
    private Output out;
    private Store store;

    /**
     * @param nowMillis processing time, from which on silence counts
     */
    @SuppressWarnings("NullAway.Init")
    public Watcher(WatchSettings settings, Records records, Counts counts, long nowMillis) {
        this.settings = settings;
        this.records = records;
        this.counts = counts;
        this.rejections = new Rejections(counts);
        this.intake = new RunIntake(records, counts, settings.scoreIntervalTokens(), this::reject);
        this.backlog = new Backlog(settings.idleTimeout().toMillis(), nowMillis);
        this.catalogue = SequenceState.catalogue(settings.scoring());
        // Fails here and not at the first sequence if a rule names a signal that is not there.
        judges.put(catalogue, new Judge(settings.rules(), catalogue));
        this.idleMicros = TimeUnit.MILLISECONDS.toMicros(settings.idleTimeout().toMillis());
        this.maxStepMicros = idleMicros / 4;
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
        return live;
    }

    /** Sources of which something is remembered. */
    public int generators() {
        return generators;
    }

    /** Entries of the index of deadlines, those of ended sequences included. */
    int deadlines() {
        return deadlines.size();
    }

    /** A source was found in restored state; its timer may have been set for a longer time-out than there is now. */
    public void restored(long generatorOf, long now, Store of) {
        generators++;
        generator = generatorOf;
        nowMillis = now;
        store = of;
        GeneratorState state = store.generator();
        if (state != null) {
            if (state.lastProcessedMillis() > now) {
                // By the clock of another machine that was ahead: silence would not count before this one is there.
                state.processed(now);
            }
            setTimer(state, now + settings.idleTimeout().toMillis());
            store.put(state);
        }
    }

    /** A sequence was found in restored state. */
    public void restored(long generatorOf, long counter, SequenceState state) {
        live++;
        deadlines.add(generatorOf, counter, dueMicros(state.lastEventMicros()));
    }

    private long dueMicros(long lastEventMicros) {
        return lastEventMicros > Long.MAX_VALUE - idleMicros ? Long.MAX_VALUE : lastEventMicros + idleMicros;
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
    public void onRecord(long generatorOf, Origin from, byte[] record, long now, Store of, Output output) {
        generator = generatorOf;
        origin = from;
        nowMillis = now;
        store = of;
        out = output;
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
        state.advance(step.decodedAtMicros(), maxStepMicros);
        takeStarts(state);
        takeRuns(state);
        takeFinishes(state);
        for (int i = 0; i < step.labels().size(); i++) {
            counts.lateLabel();
        }
        endSilent(state);
        state.processed(now);
        arm(state);
        store.put(state);
    }

    /** A source is remembered from its first start on; what comes before concerns no sequence that is watched. */
    private @Nullable GeneratorState admitGenerator() {
        if (step.starts().isEmpty() || generators >= settings.maxGenerators()) {
            rejectAll();
            return null;
        }
        generators++;
        GeneratorState created = new GeneratorState();
        store.create(created);
        return created;
    }

    private void rejectAll() {
        for (SequenceStart start : step.starts()) {
            reject(
                    RejectReason.GENERATOR_LIMIT,
                    "start of a source beyond the " + settings.maxGenerators()
                            + " that one task watches: it is not watched",
                    start.getSequence(),
                    null);
        }
        for (int run = 0; run < step.runs(); run++) {
            rejectHomeless(step.sequence(run), step.firstToken(run), false);
        }
        for (SequenceFinish finish : step.finishes()) {
            rejectHomeless(finish.getSequence(), null, false);
        }
    }

    private void takeStarts(GeneratorState state) {
        for (SequenceStart start : step.starts()) {
            takeStart(start, state);
        }
    }

    private void takeStart(SequenceStart start, GeneratorState state) {
        long counter = start.getSequence();
        Place place = state.starts().place(counter);
        if (place != Place.NEW) {
            rejectStart(counter, place, state);
            return;
        }
        String problem = Starts.problem(start);
        if (problem != null) {
            reject(RejectReason.BAD_VALUE, problem + "; the sequence is not watched", counter, null);
            return;
        }
        state.starts().add(counter);
        if (state.live() >= settings.maxLivePerGenerator() || live >= settings.maxLivePerTask()) {
            boolean ofGenerator = state.live() >= settings.maxLivePerGenerator();
            reject(
                    RejectReason.LIVE_LIMIT,
                    "start of a sequence beyond the "
                            + (ofGenerator
                                    ? settings.maxLivePerGenerator() + " that one source may have live"
                                    : settings.maxLivePerTask() + " that one task watches")
                            + ": it is not watched",
                    counter,
                    null);
            return;
        }
        SequenceState sequence = new SequenceState(catalogue, Starts.monitor(start, catalogue), state.clockMicros());
        store.create(counter, sequence);
        state.sequenceStarted();
        live++;
        counts.started();
        deadlines.add(generator, counter, dueMicros(state.clockMicros()));
    }

    private void rejectStart(long counter, Place place, GeneratorState state) {
        switch (place) {
            case SEEN ->
                reject(
                        RejectReason.SECOND_START,
                        "start of a sequence that had one: must come once; it was ignored",
                        counter,
                        null);
            case OLD ->
                reject(
                        RejectReason.OLD_START,
                        "start of sequence " + counter + " after that of sequence "
                                + state.starts().highest() + ": must be less than " + StartWindow.LENGTH
                                + " behind, or it cannot be told from a repeat; it was ignored",
                        counter,
                        null);
            case JUMP ->
                reject(
                        RejectReason.COUNTER_JUMP,
                        "start of sequence " + counter + " after that of sequence "
                                + state.starts().highest() + ": must be at most " + StartWindow.MAX_JUMP
                                + " ahead; it was ignored",
                        counter,
                        null);
            case IMPOSSIBLE ->
                reject(
                        RejectReason.BAD_VALUE,
                        "sequence counter " + counter + " in the start: must be at least 0; it was ignored",
                        counter,
                        null);
            case NEW -> throw new IllegalStateException("a new start is no reason for a rejection");
        }
    }

    private void takeRuns(GeneratorState state) {
        if (!step.columnProblem().isEmpty()) {
            rejections.add(
                    generator,
                    records.rejected(
                            origin,
                            RejectReason.COLUMN_MISMATCH,
                            step.columnProblem() + "; no token of the record was used",
                            generator),
                    nowMillis,
                    out);
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
            reject(
                    RejectReason.EMPTY_RUN,
                    "run of 0 tokens at token " + first + ": must be at least 1",
                    counter,
                    first);
            return;
        }
        if (first < 0 || first > Starts.MAX_TOKEN - (length - 1)) {
            reject(
                    RejectReason.BAD_VALUE,
                    "token index " + first + " of a run of " + length + " tokens: every index must be 0 to "
                            + Starts.MAX_TOKEN,
                    counter,
                    first);
            return;
        }
        SequenceState sequence = store.sequence(counter);
        if (sequence == null) {
            rejectHomeless(counter, first, state.starts().contains(counter));
            return;
        }
        intake.take(step, run, sequence, Ids.sequenceId(generator, counter), judge(sequence.catalogue()), out);
        sequence.touched(state.clockMicros());
        store.put(counter, sequence);
    }

    private void rejectHomeless(long counter, @Nullable Integer token, boolean started) {
        String what = token == null ? "finish" : "tokens from " + token + " on";
        if (started) {
            reject(
                    RejectReason.AFTER_FINISH,
                    what + " of a sequence that has ended or was not admitted: ignored",
                    counter,
                    token);
        } else {
            reject(
                    RejectReason.UNKNOWN_SEQUENCE,
                    what + " of a sequence without a start: must come after its start; ignored",
                    counter,
                    token);
        }
    }

    private void takeFinishes(GeneratorState state) {
        for (SequenceFinish finish : step.finishes()) {
            long counter = finish.getSequence();
            SequenceState sequence = store.sequence(counter);
            if (sequence == null) {
                rejectHomeless(counter, null, state.starts().contains(counter));
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
            reject(
                    RejectReason.BAD_VALUE,
                    "tokens " + finish.getTokens() + " in the finish: must be " + next + " to "
                            + (Starts.MAX_TOKEN + 1) + ", since tokens up to " + (next - 1)
                            + " arrived; the sequence was ended without that number",
                    counter,
                    null);
        } else {
            missing = finish.getTokens() - next;
            counts.missingTokens(missing);
        }
        out.score(records.finalScore(Ids.sequenceId(generator, counter), sequence, finish, missing));
        counts.score(true);
        counts.finished();
        end(counter, state);
    }

    private void end(long counter, GeneratorState state) {
        store.removeSequence(counter);
        state.sequenceEnded();
        live--;
    }

    /** Ends sequences that their source has not mentioned for too long while it went on with others. */
    private void endSilent(GeneratorState state) {
        for (long counter : deadlines.due(generator, state.clockMicros())) {
            SequenceState sequence = store.sequence(counter);
            if (sequence == null) {
                continue;
            }
            long due = dueMicros(sequence.lastEventMicros());
            if (due < state.clockMicros()) {
                abandon(counter, sequence, state, false);
            } else {
                deadlines.add(generator, counter, due);
            }
        }
        if (state.live() == 0) {
            deadlines.forget(generator);
        } else if (deadlines.isStale(generator, state.live())) {
            deadlines.sweep(generator, counter -> store.sequence(counter) != null);
        }
    }

    private void abandon(long counter, SequenceState sequence, GeneratorState state, boolean byClock) {
        out.score(records.abandonedScore(Ids.sequenceId(generator, counter), sequence, byClock));
        counts.score(true);
        counts.abandoned(byClock);
        end(counter, state);
    }

    private void arm(GeneratorState state) {
        if (state.timerMillis() == GeneratorState.NO_TIMER) {
            setTimer(state, nowMillis + settings.idleTimeout().toMillis());
        }
    }

    private void setTimer(GeneratorState state, long millis) {
        state.timerSet(millis);
        store.setTimer(millis);
    }

    /**
     * A source's timer went off: it may have been silent for so long that its sequences are ended, or that it is
     * forgotten.
     *
     * @param setForMillis when it should have
     */
    public void onTimer(long generatorOf, long setForMillis, long now, Store of, Output output) {
        generator = generatorOf;
        nowMillis = now;
        store = of;
        out = output;
        GeneratorState state = store.generator();
        if (state == null || state.timerMillis() != setForMillis) {
            return;
        }
        backlog.timer(setForMillis, now);
        long silentSince = backlog.silentSince(state.lastProcessedMillis(), now);
        if (now - silentSince >= settings.idleTimeout().toMillis()) {
            closeSequences(state);
        }
        // By its last record, so that restarts do not keep it; but not before what may wait in Kafka was read, by when
        // its
        // sequences are closed.
        long forgetAt = Math.max(
                state.lastProcessedMillis() + settings.retention().toMillis(),
                silentSince + settings.idleTimeout().toMillis());
        if (now >= forgetAt) {
            store.removeGenerator();
            generators--;
            return;
        }
        long next = state.live() > 0 ? silentSince + settings.idleTimeout().toMillis() : forgetAt;
        setTimer(state, Math.max(next, now + 1));
        store.put(state);
    }

    private void closeSequences(GeneratorState state) {
        for (long counter : deadlines.all(generator)) {
            SequenceState sequence = store.sequence(counter);
            if (sequence != null) {
                abandon(counter, sequence, state, true);
            }
        }
        deadlines.forget(generator);
    }

    private void reject(RejectReason reason, String detail, long counter, @Nullable Integer token) {
        rejections.add(generator, records.rejected(origin, reason, detail, generator, counter, token), nowMillis, out);
    }

    /** Takes rejections of one sequence. */
    @FunctionalInterface
    interface Rejecter {
        void reject(RejectReason reason, String detail, long counter, @Nullable Integer token);
    }
}
