package io.edistream.schemas;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.message.MessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecordBase;
import org.jspecify.annotations.Nullable;

/**
 * Writes and reads one kind of record in Avro's single-object encoding: two marker bytes, the schema's 8-byte
 * fingerprint, the record. No registry is needed: every version of a schema that was ever released is a resource of
 * this module, so old records stay readable. Records of a later version are not: their fingerprint says which schema
 * wrote them, not what it looks like. So readers are upgraded before writers.
 *
 * <p>Reading is stricter than Avro's own {@code BinaryMessageDecoder}, which takes bytes after the record for granted,
 * and reads from the array itself, so that a damaged length is seen to be longer than what is left before memory is
 * asked for it.
 *
 * <p>Thread-safe.
 *
 * @param <T> the record
 */
public final class RecordCodec<T extends SpecificRecordBase> {

    private static final byte[] MARKER = {(byte) 0xC3, 0x01};
    /** Bytes before the record itself. */
    static final int HEADER_BYTES = MARKER.length + Long.BYTES;

    /** One per thread, because Avro reuses the buffers of a decoder that it is given back. */
    private static final ThreadLocal<BinaryDecoder> DECODER =
            ThreadLocal.withInitial(() -> DecoderFactory.get().binaryDecoder(new byte[0], null));

    static {
        TrustedClasses.trustContract();
    }

    private final Class<T> type;
    private final MessageEncoder<T> encoder;
    private final Map<Long, DatumReader<T>> readersByFingerprint;

    private RecordCodec(Class<T> type, List<Schema> earlier) {
        this.type = type;
        SpecificData data = SpecificData.getForClass(type);
        Schema current = data.getSchema(type);
        this.encoder = new BinaryMessageEncoder<>(data, current);
        Map<Long, DatumReader<T>> readers = new HashMap<>();
        for (Schema version : earlier) {
            readers.put(fingerprint(version), new SpecificDatumReader<>(version, current, data));
        }
        readers.put(fingerprint(current), new SpecificDatumReader<>(current, current, data));
        this.readersByFingerprint = Map.copyOf(readers);
    }

    /** A codec for the records of a generated class. */
    public static <T extends SpecificRecordBase> RecordCodec<T> of(Class<T> type) {
        return of(type, versions(type));
    }

    /** A codec that also reads what was written with the given schemas. */
    static <T extends SpecificRecordBase> RecordCodec<T> of(Class<T> type, List<Schema> earlier) {
        return new RecordCodec<>(type, earlier);
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
     * @throws UnreadableRecordException if they are none, or more than one, or one of a schema that this release does
     *     not know
     */
    public T decode(byte[] bytes) throws UnreadableRecordException {
        if (!hasHeader(bytes)) {
            throw unreadable("its " + bytes.length + " bytes do not begin with C3 01 and a fingerprint", null);
        }
        DatumReader<T> reader = readersByFingerprint.get(fingerprint(bytes));
        if (reader == null) {
            throw new UnreadableRecordException(
                    RejectReason.UNKNOWN_SCHEMA,
                    "not a " + type.getSimpleName() + " of a known version: its schema has fingerprint "
                            + Long.toHexString(fingerprint(bytes)),
                    null);
        }
        return read(reader, bytes);
    }

    /** Whether these bytes claim to be such a record of a known version, for topics that hold several kinds. */
    public boolean claims(byte[] bytes) {
        return hasHeader(bytes) && readersByFingerprint.containsKey(fingerprint(bytes));
    }

    static boolean hasHeader(byte[] bytes) {
        return bytes.length >= HEADER_BYTES && bytes[0] == MARKER[0] && bytes[1] == MARKER[1];
    }

    /** The fingerprint in the header of bytes that have one. */
    static long fingerprint(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(MARKER.length);
    }

    private T read(DatumReader<T> reader, byte[] bytes) throws UnreadableRecordException {
        BinaryDecoder decoder =
                DecoderFactory.get().binaryDecoder(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES, DECODER.get());
        T value;
        boolean complete;
        try {
            value = reader.read(null, decoder);
            complete = decoder.isEnd();
        } catch (IOException | RuntimeException e) {
            // Avro throws ArrayIndexOutOfBounds, IllegalArgument, ClassCast and more on damaged bytes.
            throw unreadable(String.valueOf(e.getMessage()), e);
        }
        if (!complete) {
            throw unreadable("bytes follow after the record", null);
        }
        return value;
    }

    private UnreadableRecordException unreadable(String why, @Nullable Throwable cause) {
        return new UnreadableRecordException(
                RejectReason.UNREADABLE, "not a " + type.getSimpleName() + " in single-object encoding: " + why, cause);
    }

    static long fingerprint(Schema schema) {
        return SchemaNormalization.parsingFingerprint64(schema);
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
