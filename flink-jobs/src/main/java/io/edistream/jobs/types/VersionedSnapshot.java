package io.edistream.jobs.types;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Snapshot of a serializer without settings: only the version of its layout is stored. A subclass with a public
 * constructor without arguments names serializer and version.
 *
 * @param <T> the value
 */
public abstract class VersionedSnapshot<T> implements TypeSerializerSnapshot<T> {

    private final TypeSerializer<T> serializer;
    private final int version;

    /**
     * @param serializer the current serializer
     * @param version version of its layout, from 1
     */
    protected VersionedSnapshot(TypeSerializer<T> serializer, int version) {
        this.serializer = serializer;
        this.version = version;
    }

    @Override
    public final int getCurrentVersion() {
        return version;
    }

    @Override
    public final void writeSnapshot(DataOutputView out) {
        // The version, which Flink writes itself, is all there is.
    }

    /**
     * @throws IOException if the values were written in a layout that this release does not know
     */
    @Override
    public final void readSnapshot(int readVersion, DataInputView in, ClassLoader classLoader) throws IOException {
        if (readVersion != version) {
            throw new IOException("stored with layout " + readVersion + " of "
                    + serializer.getClass().getSimpleName() + ", this release reads layout " + version);
        }
    }

    @Override
    public final TypeSerializer<T> restoreSerializer() {
        return serializer;
    }

    @Override
    public final TypeSerializerSchemaCompatibility<T> resolveSchemaCompatibility(TypeSerializerSnapshot<T> old) {
        return old.getClass() == getClass()
                ? TypeSerializerSchemaCompatibility.compatibleAsIs()
                : TypeSerializerSchemaCompatibility.incompatible();
    }
}
