package io.edistream.jobs.watch;

import io.edistream.schemas.Signals;
import io.edistream.signals.Catalogue;
import io.edistream.signals.Scoring;
import io.edistream.signals.SequenceSignals;
import io.edistream.signals.Signal;
import java.util.List;
import org.apache.avro.Schema;

/**
 * Values of signals as the contract names them: a signal's field has its name in the catalogue, which holds the same
 * signals in the same order whatever the scoring.
 */
final class SignalRecords {

    private static final List<Signal> SIGNALS = new Catalogue(Scoring.DEFAULT).signals();
    private static final int[] FIELDS = new int[SIGNALS.size()];
    private static final boolean[] COUNTS = new boolean[SIGNALS.size()];

    static {
        for (int i = 0; i < FIELDS.length; i++) {
            String name = SIGNALS.get(i).name();
            Schema.Field field = Signals.getClassSchema().getField(name);
            if (field == null) {
                throw new IllegalStateException("the contract has no field for signal " + name);
            }
            FIELDS[i] = field.pos();
            COUNTS[i] = field.schema().getTypes().stream().anyMatch(type -> type.getType() == Schema.Type.INT);
        }
    }

    private SignalRecords() {}

    /** The signals over all tokens. */
    static Signals ofAll(SequenceSignals signals) {
        return record(signals, 0);
    }

    /** The signals over the tokens of the tracked class. */
    static Signals ofClass(SequenceSignals signals) {
        return record(signals, FIELDS.length);
    }

    private static Signals record(SequenceSignals signals, int from) {
        Signals record = new Signals();
        for (int i = 0; i < FIELDS.length; i++) {
            double score = signals.score(from + i);
            if (!Double.isNaN(score)) {
                record.put(FIELDS[i], COUNTS[i] ? (Object) (int) score : (Object) score);
            }
        }
        return record;
    }
}
