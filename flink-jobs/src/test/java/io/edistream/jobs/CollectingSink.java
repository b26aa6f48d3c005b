package io.edistream.jobs;

import io.edistream.schemas.RecordCodec;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;

/** Keeps what a job in this JVM writes, under a name of the test's choice. */
final class CollectingSink<T extends SpecificRecordBase> implements Sink<T> {

    private static final Map<String, ConcurrentLinkedQueue<Object>> COLLECTED = new ConcurrentHashMap<>();

    private final String name;

    CollectingSink(String name) {
        this.name = name;
        COLLECTED.put(name, new ConcurrentLinkedQueue<>());
    }

    List<T> records() {
        List<T> records = new ArrayList<>();
        for (Object record : COLLECTED.get(name)) {
            @SuppressWarnings("unchecked")
            T own = (T) record;
            records.add(own);
        }
        return records;
    }

    /** The bytes of the records, in their order, by key. */
    Map<Object, List<String>> bytesBy(Class<T> type, Function<T, Object> key) {
        return bytesBy(records(), type, key);
    }

    static <T extends SpecificRecordBase> Map<Object, List<String>> bytesBy(
            List<T> records, Class<T> type, Function<T, Object> key) {
        RecordCodec<T> codec = RecordCodec.of(type);
        Map<Object, List<String>> bytes = new LinkedHashMap<>();
        for (T record : records) {
            bytes.computeIfAbsent(key.apply(record), first -> new ArrayList<>())
                    .add(HexFormat.of().formatHex(codec.encode(record)));
        }
        return bytes;
    }

    @Override
    public SinkWriter<T> createWriter(WriterInitContext context) {
        return new Writer<>(COLLECTED.get(name));
    }

    private record Writer<T>(ConcurrentLinkedQueue<Object> records) implements SinkWriter<T>, Serializable {
        @Override
        public void write(T record, Context context) {
            records.add(record);
        }

        @Override
        public void flush(boolean endOfInput) {}

        @Override
        public void close() {}
    }
}
