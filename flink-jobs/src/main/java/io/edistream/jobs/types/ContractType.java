package io.edistream.jobs.types;

import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.UnreadableRecordException;
import java.io.IOException;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.util.InstantiationUtil;
import org.jspecify.annotations.Nullable;

/**
 * Moves records of the contract between operators in the encoding that they have in Kafka. Records are treated as
 * immutable: who emits one does not change it afterwards.
 */
public final class ContractType {

    private ContractType() {}

    /** Type information of a generated class. */
    public static <T extends SpecificRecordBase> TypeInformation<T> of(Class<T> type) {
        return SerializerTypeInfo.ofValue(type, new Serializer<>(type));
    }

    private static final class Serializer<T extends SpecificRecordBase> extends ImmutableSerializer<T> {
        private static final int VARIABLE_LENGTH = -1;

        private final Class<T> type;
        private transient volatile @Nullable RecordCodec<T> codec;

        Serializer(Class<T> type) {
            this.type = type;
        }

        private RecordCodec<T> codec() {
            RecordCodec<T> known = codec;
            if (known == null) {
                known = RecordCodec.of(type);
                codec = known;
            }
            return known;
        }

        @Override
        public int getLength() {
            return VARIABLE_LENGTH;
        }

        @Override
        public void serialize(T value, DataOutputView out) throws IOException {
            byte[] bytes = codec().encode(value);
            VarInts.write(bytes.length, out);
            out.write(bytes);
        }

        @Override
        public T deserialize(DataInputView in) throws IOException {
            byte[] bytes = new byte[VarInts.readInt(in)];
            in.readFully(bytes);
            try {
                return codec().decode(bytes);
            } catch (UnreadableRecordException e) {
                throw new IOException(e);
            }
        }

        @Override
        public TypeSerializerSnapshot<T> snapshotConfiguration() {
            return new Snapshot<>(type);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Serializer<?> that && type == that.type;
        }

        @Override
        public int hashCode() {
            return type.hashCode();
        }
    }

    /** Stores which class was serialized; the encoding itself says which version of its schema. */
    public static final class Snapshot<T extends SpecificRecordBase> implements TypeSerializerSnapshot<T> {
        private static final int VERSION = 1;

        private @Nullable Class<T> type;

        /** For Flink, which calls {@link #readSnapshot} next. */
        public Snapshot() {}

        Snapshot(Class<T> type) {
            this.type = type;
        }

        private Class<T> type() {
            if (type == null) {
                throw new IllegalStateException("the snapshot has not been read");
            }
            return type;
        }

        @Override
        public int getCurrentVersion() {
            return VERSION;
        }

        @Override
        public void writeSnapshot(DataOutputView out) throws IOException {
            out.writeUTF(type().getName());
        }

        @Override
        public void readSnapshot(int readVersion, DataInputView in, ClassLoader classLoader) throws IOException {
            type = InstantiationUtil.resolveClassByName(in, classLoader, SpecificRecordBase.class);
        }

        @Override
        public TypeSerializer<T> restoreSerializer() {
            return new Serializer<>(type());
        }

        @Override
        public TypeSerializerSchemaCompatibility<T> resolveSchemaCompatibility(TypeSerializerSnapshot<T> old) {
            return old instanceof Snapshot<T> that && that.type() == type()
                    ? TypeSerializerSchemaCompatibility.compatibleAsIs()
                    : TypeSerializerSchemaCompatibility.incompatible();
        }
    }
}
