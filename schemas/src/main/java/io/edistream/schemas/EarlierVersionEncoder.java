package io.edistream.schemas;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.message.MessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;

/**
 * Writes records of the current schema as records of an earlier version. It leaves the conversion to Avro's own reader,
 * by writing the record, reading it as the earlier version and writing that: what comes out is then by construction
 * what a reader of that version would have made of the record, had it known the current schema.
 *
 * @param <T> the record
 */
final class EarlierVersionEncoder<T> implements MessageEncoder<T> {

    private final SpecificData data;
    private final Schema current;
    private final Schema earlier;
    private final MessageEncoder<GenericRecord> encoder;

    EarlierVersionEncoder(SpecificData data, Schema current, Schema earlier) {
        this.data = data;
        this.current = current;
        this.earlier = earlier;
        this.encoder = new BinaryMessageEncoder<>(data, earlier);
    }

    @Override
    public ByteBuffer encode(T value) throws IOException {
        return encoder.encode(resolved(value));
    }

    @Override
    public void encode(T value, OutputStream out) throws IOException {
        encoder.encode(resolved(value), out);
    }

    private GenericRecord resolved(T value) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder binary = EncoderFactory.get().directBinaryEncoder(bytes, null);
        new SpecificDatumWriter<T>(current, data).write(value, binary);
        return new GenericDatumReader<GenericRecord>(current, earlier)
                .read(null, DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null));
    }
}
