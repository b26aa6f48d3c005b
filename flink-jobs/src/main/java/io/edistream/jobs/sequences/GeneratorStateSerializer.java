package io.edistream.jobs.sequences;

import io.edistream.jobs.types.VersionedSnapshot;
import io.edistream.jobs.watch.GeneratorState;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;

/** Stores what is remembered of a source of tokens. */
final class GeneratorStateSerializer extends StateSerializer<GeneratorState> {

    static final GeneratorStateSerializer INSTANCE = new GeneratorStateSerializer();

    private GeneratorStateSerializer() {
        super(GeneratorState::write, GeneratorState::read);
    }

    @Override
    public TypeSerializerSnapshot<GeneratorState> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Version of the stored layout. */
    public static final class Snapshot extends VersionedSnapshot<GeneratorState> {
        private static final int VERSION = 1;

        /** For Flink. */
        public Snapshot() {
            super(INSTANCE, VERSION);
        }
    }
}
