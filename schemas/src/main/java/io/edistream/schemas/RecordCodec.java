package io.edistream.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.message.MissingSchemaException;
import org.apache.avro.message.SchemaStore;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;

/**
 * Writes and reads one kind of record in Avro's single-object encoding: two marker bytes, the schema's 8-byte
 * fingerprint, the record. No registry is needed: every version of a schema that was ever released is a resource of
 * this module, so old records stay readable.
 *
 * <p>Thread-safe.
 *
 * @param <T> the record
 */
public final class RecordCodec<T extends SpecificRecordBase> {

    private final Class<T> type;
    private final BinaryMessageEncoder<T> encoder;
    private final BinaryMessageDecoder<T> decoder;

    private RecordCodec(Class<T> type) {
        this.type = type;
        SpecificData data = SpecificData.getForClass(type);
        Schema current = data.getSchema(type);
        SchemaStore.Cache earlier = new SchemaStore.Cache();
        versions(type).forEach(earlier::addSchema);
        this.encoder = new BinaryMessageEncoder<>(data, current);
        this.decoder = new BinaryMessageDecoder<>(data, current, earlier);
    }

    /** A codec for the records of a generated class. */
    public static <T extends SpecificRecordBase> RecordCodec<T> of(Class<T> type) {
        return new RecordCodec<>(type);
    }

    /** The record's bytes. */
    public byte[] encode(T value) {
        try {
            ByteBuffer buffer = encoder.encode(value);
            if (buffer.arrayOffset() == 0 && buffer.remaining() == buffer.array().length) {
                return buffer.array();
            }
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(type.getSimpleName() + " could not be written", e);
        }
    }

    /**
     * The record in these bytes.
     *
     * @throws UnreadableRecordException if they are none, or one of a schema that this release does not know
     */
    public T decode(byte[] bytes) throws UnreadableRecordException {
        try {
            return decoder.decode(bytes);
        } catch (MissingSchemaException e) {
            throw new UnreadableRecordException(
                    RejectReason.UNKNOWN_SCHEMA,
                    "not a " + type.getSimpleName() + " of a known version: " + e.getMessage(),
                    e);
        } catch (IOException | RuntimeException e) {
            // Avro throws ArrayIndexOutOfBounds, IllegalArgument, ClassCast and more on damaged bytes.
            throw new UnreadableRecordException(
                    RejectReason.UNREADABLE,
                    "not a " + type.getSimpleName() + " in single-object encoding: " + e.getMessage(),
                    e);
        }
    }

    /** Every version of a record's schema that was ever released, oldest first. */
    public static List<Schema> versions(Class<? extends SpecificRecordBase> type) {
        List<Schema> versions = new ArrayList<>();
        while (true) {
            String resource = "versions/" + type.getSimpleName() + "/v" + (versions.size() + 1) + ".avsc";
            try (InputStream in = RecordCodec.class.getResourceAsStream(resource)) {
                if (in == null) {
                    return List.copyOf(versions);
                }
                versions.add(new Schema.Parser().parse(in));
            } catch (IOException e) {
                throw new UncheckedIOException("resource " + resource + " could not be read", e);
            }
        }
    }
}
