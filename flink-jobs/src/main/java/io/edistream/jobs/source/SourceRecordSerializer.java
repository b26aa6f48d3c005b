package io.edistream.jobs.source;

import io.edistream.jobs.source.SourceRecord.Refused;
import io.edistream.jobs.source.SourceRecord.Undecoded;
import io.edistream.jobs.types.ImmutableSerializer;
import io.edistream.jobs.types.VarInts;
import io.edistream.jobs.types.VersionedSnapshot;
import io.edistream.jobs.watch.Origin;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.UnreadableRecordException;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Moves a record as the bytes that it came in. */
final class SourceRecordSerializer extends ImmutableSerializer<SourceRecord> {

    static final SourceRecordSerializer INSTANCE = new SourceRecordSerializer();

    private static final RecordCodec<Rejected> REJECTED = RecordCodec.of(Rejected.class);
    private static final int UNDECODED = 1;
    private static final int REFUSED = 2;
    private static final int VARIABLE_LENGTH = -1;

    private SourceRecordSerializer() {}

    @Override
    public int getLength() {
        return VARIABLE_LENGTH;
    }

    @Override
    public void serialize(SourceRecord record, DataOutputView out) throws IOException {
        if (record instanceof Undecoded undecoded) {
            out.writeByte(UNDECODED);
            out.writeLong(undecoded.generator());
            VarInts.write(undecoded.origin().partition(), out);
            VarInts.write(undecoded.origin().offset(), out);
            writeBytes(undecoded.bytes(), out);
        } else if (record instanceof Refused refused) {
            out.writeByte(REFUSED);
            writeBytes(REJECTED.encode(refused.rejected()), out);
        } else {
            throw new IllegalStateException("no layout for " + record.getClass());
        }
    }

    private static void writeBytes(byte[] bytes, DataOutputView out) throws IOException {
        VarInts.write(bytes.length, out);
        out.write(bytes);
    }

    @Override
    public SourceRecord deserialize(DataInputView in) throws IOException {
        int kind = in.readUnsignedByte();
        return switch (kind) {
            case UNDECODED ->
                new Undecoded(in.readLong(), new Origin(VarInts.readInt(in), VarInts.readLong(in)), readBytes(in));
            case REFUSED -> new Refused(readRejected(in));
            default -> throw new IOException("source record of unknown kind " + kind);
        };
    }

    private static byte[] readBytes(DataInputView in) throws IOException {
        byte[] bytes = new byte[VarInts.readInt(in)];
        in.readFully(bytes);
        return bytes;
    }

    private static Rejected readRejected(DataInputView in) throws IOException {
        try {
            return REJECTED.decode(readBytes(in));
        } catch (UnreadableRecordException e) {
            throw new IOException(e);
        }
    }

    @Override
    public TypeSerializerSnapshot<SourceRecord> snapshotConfiguration() {
        return new Snapshot();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SourceRecordSerializer;
    }

    @Override
    public int hashCode() {
        return SourceRecordSerializer.class.hashCode();
    }

    /** Version of the layout. */
    public static final class Snapshot extends VersionedSnapshot<SourceRecord> {
        private static final int VERSION = 1;

        /** For Flink. */
        public Snapshot() {
            super(INSTANCE, VERSION);
        }
    }
}
