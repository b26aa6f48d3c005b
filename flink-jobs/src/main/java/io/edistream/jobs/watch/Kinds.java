package io.edistream.jobs.watch;

import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.Measurement;
import io.edistream.signals.EntropyKind.Distribution;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Kinds of entropy of the contract and of the signals as each other. */
final class Kinds {

    /** A few kinds serve all sequences; what sources make up beyond that is not kept. */
    private static final int MAX_KEPT = 1_000;

    private static final Map<io.edistream.signals.EntropyKind, EntropyKind> RECORDS = new ConcurrentHashMap<>();

    private Kinds() {}

    /** The record of a kind; shared, and not to be changed. */
    static EntropyKind record(io.edistream.signals.EntropyKind kind) {
        EntropyKind kept = RECORDS.get(kind);
        if (kept != null) {
            return kept;
        }
        EntropyKind made = new EntropyKind(
                io.edistream.schemas.Distribution.valueOf(kind.distribution().name()),
                kind.exact() ? Measurement.EXACT : Measurement.BOUNDED,
                kind.alternatives());
        if (RECORDS.size() < MAX_KEPT) {
            RECORDS.put(kind, made);
        }
        return made;
    }

    /**
     * The kind that a start names. One whose measurement is not said is taken for bounded, of which less is believed.
     *
     * @throws IllegalArgumentException if its alternatives do not go with it
     */
    static io.edistream.signals.EntropyKind of(EntropyKind record) {
        return new io.edistream.signals.EntropyKind(
                Distribution.valueOf(record.getDistribution().name()),
                record.getMeasurement() == Measurement.EXACT,
                record.getAlternatives());
    }
}
