package io.edistream.jobs.watch;

import io.edistream.schemas.Ids;

/**
 * Ends what nothing is heard of: sequences by their source's clock, sources that are silent altogether by processing time.
 * See {@link Backlog} for whose silence it is.
 */
final class Silence {

    private final WatchSettings settings;
    private final Session session;
    private final Population population;
    private final Backlog backlog;
    private final Records records;
    private final Counts counts;

    Silence(
            WatchSettings settings,
            Session session,
            Population population,
            Backlog backlog,
            Records records,
            Counts counts) {
        this.settings = settings;
        this.session = session;
        this.population = population;
        this.backlog = backlog;
        this.records = records;
        this.counts = counts;
    }

    /** A source was found in restored state; its timer may have been set for a longer time-out than there is now. */
    void restored(GeneratorState state) {
        if (state.lastProcessedMillis() > session.nowMillis()) {
            // By the clock of another machine that was ahead: silence would not count before this one is there.
            state.processed(session.nowMillis());
        }
        setTimer(state, session.nowMillis() + settings.idleTimeout().toMillis());
        session.store().put(state);
    }

    /** Ends sequences that their source has not mentioned for too long while it went on with others. */
    void endSilent(GeneratorState state) {
        for (long counter : population.deadlines().due(session.generator(), state.clockMicros())) {
            SequenceState sequence = session.store().sequence(counter);
            if (sequence == null) {
                continue;
            }
            long due = population.dueMicros(sequence.lastEventMicros());
            if (due < state.clockMicros()) {
                abandon(counter, sequence, state, false);
            } else {
                population.deadlines().add(session.generator(), counter, due);
            }
        }
        if (state.live() == 0) {
            population.deadlines().forget(session.generator());
        } else if (population.deadlines().isStale(session.generator(), state.live())) {
            population
                    .deadlines()
                    .sweep(session.generator(), counter -> session.store().sequence(counter) != null);
        }
    }

    private void abandon(long counter, SequenceState sequence, GeneratorState state, boolean byClock) {
        session.out().score(records.abandonedScore(Ids.sequenceId(session.generator(), counter), sequence, byClock));
        counts.score(true);
        counts.abandoned(byClock);
        population.sequenceEnded(counter, state, session.store());
    }

    void arm(GeneratorState state) {
        if (state.timerMillis() == GeneratorState.NO_TIMER) {
            setTimer(state, session.nowMillis() + settings.idleTimeout().toMillis());
        }
    }

    void setTimer(GeneratorState state, long millis) {
        state.timerSet(millis);
        session.store().setTimer(millis);
    }

    /**
     * A source's timer went off: it may have been silent for so long that its sequences are ended, or that it is
     * forgotten.
     *
     * @param setForMillis when it should have
     */
    void onTimer(long setForMillis) {
        Store store = session.store();
        long now = session.nowMillis();
        GeneratorState state = store.generator();
        if (state == null || state.timerMillis() != setForMillis) {
            return;
        }
        backlog.timer(setForMillis, now);
        long silentSince = backlog.silentSince(state.lastProcessedMillis(), now);
        if (now - silentSince >= settings.idleTimeout().toMillis()) {
            closeSequences(state);
        }
        // By its last record, so that restarts do not keep it; but not before what may wait in Kafka was read, by which
        // time its sequences are closed.
        long forgetAt = Math.max(
                state.lastProcessedMillis() + settings.retention().toMillis(),
                silentSince + settings.idleTimeout().toMillis());
        if (now >= forgetAt) {
            store.removeGenerator();
            population.generatorForgotten();
            return;
        }
        long next = state.live() > 0 ? silentSince + settings.idleTimeout().toMillis() : forgetAt;
        setTimer(state, Math.max(next, now + 1));
        store.put(state);
    }

    private void closeSequences(GeneratorState state) {
        for (long counter : population.deadlines().all(session.generator())) {
            SequenceState sequence = session.store().sequence(counter);
            if (sequence != null) {
                abandon(counter, sequence, state, true);
            }
        }
        population.deadlines().forget(session.generator());
    }
}
