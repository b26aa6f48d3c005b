package io.edistream.jobs.sequences;

import io.edistream.signals.StateInput;
import io.edistream.signals.StateOutput;
import java.io.IOException;
import java.io.Serializable;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/**
 * Stores a value that writes and reads itself. Mutable values: the heap backend asks for a copy of one when it is used for
 * the first time after a snapshot began, so that it may be changed while the snapshot is written.
 *
 * @param <T> the value
 */
abstract class StateSerializer<T> extends TypeSerializer<T> {

    private static final int VARIABLE_LENGTH = -1;
    private static final int COPY_BYTES = 512;

    /** Writes a value. */
    interface Writer<T> extends Serializable {
        void write(T value, StateOutput out) throws IOException;
    }

    /** Reads a value. */
    interface Reader<T> extends Serializable {
        T read(StateInput in) throws IOException;
    }

    private final Writer<T> writer;
    private final Reader<T> reader;

    StateSerializer(Writer<T> writer, Reader<T> reader) {
        this.writer = writer;
        this.reader = reader;
    }

    @Override
    public final void serialize(T value, DataOutputView out) throws IOException {
        writer.write(value, new StateOutput(out));
    }

    @Override
    public final T deserialize(DataInputView in) throws IOException {
        return reader.read(new StateInput(in));
    }

    @Override
    public final T copy(T from) {
        try {
            DataOutputSerializer out = new DataOutputSerializer(COPY_BYTES);
            serialize(from, out);
            return deserialize(new DataInputDeserializer(out.getSharedBuffer(), 0, out.length()));
        } catch (IOException e) {
            throw new IllegalStateException("a state could not be copied", e);
        }
    }

    @Override
    public final T copy(T from, T reuse) {
        return copy(from);
    }

    @Override
    public final T deserialize(T reuse, DataInputView in) throws IOException {
        return deserialize(in);
    }

    @Override
    public final void copy(DataInputView in, DataOutputView out) throws IOException {
        serialize(deserialize(in), out);
    }

    @Override
    public final boolean isImmutableType() {
        return false;
    }

    /** The serializer holds nothing that changes, so all threads may share it. */
    @Override
    public final TypeSerializer<T> duplicate() {
        return this;
    }

    /** Flink allows null here and only asks serializers that reuse instances. */
    @Override
    @SuppressWarnings("NullAway")
    public final @Nullable T createInstance() {
        return null;
    }

    @Override
    public final int getLength() {
        return VARIABLE_LENGTH;
    }

    /** There is one of each kind. */
    @Override
    public final boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public final int hashCode() {
        return System.identityHashCode(this);
    }
}
