package io.edistream.jobs.watch;

import java.util.concurrent.TimeUnit;

/**
 * How much one task watches, and when its sequences are to be looked at because they may have been silent for too long.
 * Not stored: it is counted again from what is.
 */
final class Population {

    private final Deadlines deadlines = new Deadlines();
    private final long idleMicros;
    private int generators;
    private int live;

    Population(long idleMillis) {
        this.idleMicros = TimeUnit.MILLISECONDS.toMicros(idleMillis);
    }

    int generators() {
        return generators;
    }

    int live() {
        return live;
    }

    Deadlines deadlines() {
        return deadlines;
    }

    void generatorAdmitted() {
        generators++;
    }

    void generatorForgotten() {
        generators--;
    }

    /** A sequence runs. */
    void sequenceAdmitted(long generator, long counter, long lastEventMicros) {
        live++;
        deadlines.add(generator, counter, dueMicros(lastEventMicros));
    }

    /** A sequence that ran has ended. */
    void sequenceEnded(long counter, GeneratorState state, Store store) {
        store.removeSequence(counter);
        state.sequenceEnded();
        live--;
    }

    /** When a sequence has been silent for too long, by its source's clock. */
    long dueMicros(long lastEventMicros) {
        return lastEventMicros > Long.MAX_VALUE - idleMicros ? Long.MAX_VALUE : lastEventMicros + idleMicros;
    }

    /** The most that may count between two records of a source: a quarter of the time-out. */
    long maxStepMicros() {
        return idleMicros / 4;
    }
}
