package io.edistream.jobs.telemetry;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** Layout 1: length of the key, 4 bytes, -1 if there is none; the key; the rest is the value. */
final class KeptRecordSerializer implements SimpleVersionedSerializer<KeptRecord> {

    private static final int VERSION = 1;
    private static final int NO_KEY = -1;

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(KeptRecord record) {
        byte[] key = record.key();
        ByteBuffer stored = ByteBuffer.allocate(Integer.BYTES + (key == null ? 0 : key.length) + record.value().length);
        stored.putInt(key == null ? NO_KEY : key.length);
        if (key != null) {
            stored.put(key);
        }
        return stored.put(record.value()).array();
    }

    /**
     * @throws IOException if the record was stored in a layout that this release does not know, or is damaged
     */
    @Override
    public KeptRecord deserialize(int version, byte[] bytes) throws IOException {
        if (version != VERSION) {
            throw new IOException(
                    "a final score was stored with layout " + version + ", this release reads layout " + VERSION);
        }
        ByteBuffer stored = ByteBuffer.wrap(bytes);
        int keyBytes = stored.remaining() < Integer.BYTES ? Integer.MAX_VALUE : stored.getInt();
        if (keyBytes < NO_KEY || keyBytes > stored.remaining()) {
            throw new IOException("a stored final score of " + bytes.length + " bytes is damaged");
        }
        byte[] key = keyBytes == NO_KEY ? null : new byte[keyBytes];
        if (key != null) {
            stored.get(key);
        }
        byte[] value = new byte[stored.remaining()];
        stored.get(value);
        return new KeptRecord(key, value);
    }
}
