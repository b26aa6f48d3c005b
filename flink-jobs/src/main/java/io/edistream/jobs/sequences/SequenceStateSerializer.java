package io.edistream.jobs.sequences;

import io.edistream.jobs.types.VersionedSnapshot;
import io.edistream.jobs.watch.SequenceState;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;

/** Stores what is remembered of a sequence. */
public final class SequenceStateSerializer extends StateSerializer<SequenceState> {

    /** The only one that is needed. */
    public static final SequenceStateSerializer INSTANCE = new SequenceStateSerializer();

    private SequenceStateSerializer() {
        super(SequenceState::write, SequenceState::read);
    }

    @Override
    public TypeSerializerSnapshot<SequenceState> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Version of the stored layout. */
    public static final class Snapshot extends VersionedSnapshot<SequenceState> {
        private static final int VERSION = 1;

        /** For Flink. */
        public Snapshot() {
            super(INSTANCE, VERSION);
        }
    }
}
