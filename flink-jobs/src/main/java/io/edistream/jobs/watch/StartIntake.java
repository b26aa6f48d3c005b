package io.edistream.jobs.watch;

import io.edistream.jobs.watch.StartWindow.Place;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.SequenceStart;
import io.edistream.signals.Catalogue;

/** Admits sequences: new ones, that make sense, within the bounds. */
final class StartIntake {

    private final WatchSettings settings;
    private final Session session;
    private final Population population;
    private final Counts counts;
    private final Catalogue catalogue;

    StartIntake(WatchSettings settings, Session session, Population population, Counts counts) {
        this.settings = settings;
        this.session = session;
        this.population = population;
        this.counts = counts;
        this.catalogue = SequenceState.catalogue(settings.scoring());
    }

    /** Admits the sequence of a start, or says why not. */
    void take(SequenceStart start, GeneratorState state) {
        long counter = start.getSequence();
        Place place = state.starts().place(counter);
        if (place != Place.NEW) {
            rejectStart(counter, place, state);
            return;
        }
        String problem = Starts.problem(start);
        if (problem != null) {
            session.reject(RejectReason.BAD_VALUE, problem + "; the sequence is not watched", counter, null);
            return;
        }
        state.starts().add(counter);
        if (state.live() >= settings.maxLivePerGenerator() || population.live() >= settings.maxLivePerTask()) {
            boolean ofGenerator = state.live() >= settings.maxLivePerGenerator();
            session.reject(
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
        session.store().create(counter, sequence);
        state.sequenceStarted();
        population.sequenceAdmitted(session.generator(), counter, state.clockMicros());
        counts.started();
    }

    private void rejectStart(long counter, Place place, GeneratorState state) {
        switch (place) {
            case SEEN ->
                session.reject(
                        RejectReason.SECOND_START,
                        "start of a sequence that had one: must come once; it was ignored",
                        counter,
                        null);
            case OLD ->
                session.reject(
                        RejectReason.OLD_START,
                        "start of sequence " + counter + " after that of sequence "
                                + state.starts().highest() + ": must be less than " + StartWindow.LENGTH
                                + " behind, or it cannot be told from a repeat; it was ignored",
                        counter,
                        null);
            case JUMP ->
                session.reject(
                        RejectReason.COUNTER_JUMP,
                        "start of sequence " + counter + " after that of sequence "
                                + state.starts().highest() + ": must be at most " + StartWindow.MAX_JUMP
                                + " ahead; it was ignored",
                        counter,
                        null);
            case IMPOSSIBLE ->
                session.reject(
                        RejectReason.BAD_VALUE,
                        "sequence counter " + counter + " in the start: must be at least 0; it was ignored",
                        counter,
                        null);
            case NEW -> throw new IllegalStateException("a new start is no reason for a rejection");
        }
    }
}
