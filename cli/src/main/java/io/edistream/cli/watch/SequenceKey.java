package io.edistream.cli.watch;

import io.edistream.schemas.Ids;
import io.edistream.schemas.SequenceId;

/**
 * A sequence among those of all sources: counters alone are not unique.
 *
 * @param generator its source
 * @param counter its counter in that source
 */
record SequenceKey(long generator, long counter) {

    static SequenceKey of(SequenceId id) {
        return new SequenceKey(Ids.generator(id), Ids.counter(id));
    }

    /** As people read it. */
    @Override
    public String toString() {
        return Ids.text(generator, counter);
    }
}
