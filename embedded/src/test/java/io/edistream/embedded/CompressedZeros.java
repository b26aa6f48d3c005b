package io.edistream.embedded;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.DefaultRecordBatch;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.RecordBatch;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.utils.ByteBufferOutputStream;
import org.apache.kafka.common.utils.ByteUtils;

/** A batch of records of zeros, built as a stream, so that nothing of its size is ever in memory. */
final class CompressedZeros {

    private static final byte[] CHUNK = new byte[1 << 20];

    private CompressedZeros() {}

    /** One batch, compressed by zstd, at offset 0. */
    static MemoryRecords batch(int records, int valueBytes) {
        ByteBufferOutputStream compressed = new ByteBufferOutputStream(1 << 20);
        try (OutputStream body =
                Compression.zstd().build().wrapForOutput(compressed, RecordBatch.CURRENT_MAGIC_VALUE)) {
            for (int offset = 0; offset < records; offset++) {
                record(body, offset, valueBytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int bytes = DefaultRecordBatch.RECORD_BATCH_OVERHEAD + compressed.position();
        ByteBuffer batch = ByteBuffer.allocate(bytes);
        batch.position(DefaultRecordBatch.RECORD_BATCH_OVERHEAD);
        batch.put(compressed.buffer().flip());
        batch.position(0);
        long now = System.currentTimeMillis();
        DefaultRecordBatch.writeHeader(
                batch,
                0,
                records - 1,
                bytes,
                RecordBatch.CURRENT_MAGIC_VALUE,
                CompressionType.ZSTD,
                TimestampType.CREATE_TIME,
                now,
                now,
                RecordBatch.NO_PRODUCER_ID,
                RecordBatch.NO_PRODUCER_EPOCH,
                RecordBatch.NO_SEQUENCE,
                false,
                false,
                false,
                RecordBatch.NO_PARTITION_LEADER_EPOCH,
                records);
        batch.position(0);
        batch.limit(bytes);
        return MemoryRecords.readableRecords(batch);
    }

    /** Length; attributes, time and offset less the batch's; no key; the value; no headers. */
    private static void record(OutputStream out, int offset, int valueBytes) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(32);
        head.put((byte) 0);
        ByteUtils.writeVarlong(0, head);
        ByteUtils.writeVarint(offset, head);
        ByteUtils.writeVarint(-1, head);
        ByteUtils.writeVarint(valueBytes, head);
        ByteBuffer length = ByteBuffer.allocate(8);
        ByteUtils.writeVarint(head.position() + valueBytes + 1, length);
        out.write(length.array(), 0, length.position());
        out.write(head.array(), 0, head.position());
        for (int left = valueBytes; left > 0; left -= CHUNK.length) {
            out.write(CHUNK, 0, Math.min(left, CHUNK.length));
        }
        out.write(0);
    }
}
