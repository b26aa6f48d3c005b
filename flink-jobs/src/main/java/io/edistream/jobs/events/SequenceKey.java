package io.edistream.jobs.events;

import io.edistream.jobs.types.ImmutableSerializer;
import io.edistream.jobs.types.SerializerTypeInfo;
import io.edistream.jobs.types.VersionedSnapshot;
import io.edistream.schemas.Ids;
import io.edistream.schemas.SequenceId;
import java.io.IOException;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * The sequence id as the job keys by it: two numbers instead of 16 bytes, so that hashing and comparing cost next to
 * nothing.
 *
 * @param generator the generator's id
 * @param counter the sequence's counter in its generator
 */
public record SequenceKey(long generator, long counter) {

    /** How Flink moves and stores keys. */
    public static final TypeInformation<SequenceKey> TYPE =
            SerializerTypeInfo.ofKey(SequenceKey.class, new Serializer());

    private static final long ODD = 0x9E3779B97F4A7C15L;

    /** The id as the contract writes it. */
    public SequenceId id() {
        return Ids.sequenceId(generator, counter);
    }

    /** Part of the state's format: Flink assigns stored keys to tasks by it. */
    @Override
    public int hashCode() {
        return Long.hashCode((generator ^ counter) * ODD);
    }

    /** The id as people read it. */
    @Override
    public String toString() {
        return Ids.text(generator, counter);
    }

    private static final class Serializer extends ImmutableSerializer<SequenceKey> {

        @Override
        public int getLength() {
            return Ids.SEQUENCE_BYTES;
        }

        @Override
        public void serialize(SequenceKey key, DataOutputView out) throws IOException {
            out.writeLong(key.generator());
            out.writeLong(key.counter());
        }

        @Override
        public SequenceKey deserialize(DataInputView in) throws IOException {
            return new SequenceKey(in.readLong(), in.readLong());
        }

        @Override
        public TypeSerializerSnapshot<SequenceKey> snapshotConfiguration() {
            return new Snapshot();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Serializer;
        }

        @Override
        public int hashCode() {
            return Serializer.class.hashCode();
        }
    }

    /** Version of the stored layout. */
    public static final class Snapshot extends VersionedSnapshot<SequenceKey> {
        private static final int VERSION = 1;

        /** For Flink. */
        public Snapshot() {
            super(new Serializer(), VERSION);
        }
    }
}
