package io.edistream.cli.tail;

import com.fasterxml.jackson.core.JsonGenerator;
import io.edistream.schemas.GeneratorId;
import io.edistream.schemas.Ids;
import io.edistream.schemas.SequenceId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericEnumSymbol;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/**
 * Writes a record of the contract as JSON for people: fields by their names, enums by their symbols, ids as they stand in
 * messages, times as ISO 8601 beside their microseconds. What is absent is left out, since it is not zero: nulls, empty
 * lists, texts and maps, times that are unknown. A number that is none (NaN, infinite) is null.
 */
final class RecordJson {

    /** What a model was asked or said; in the sources' records only if their operators switched it on. */
    static final Set<String> TEXT_FIELDS =
            Set.of("prompt", "answer", "text", "texts", "token_ids", "forced_text", "forced_ids", "payload");

    private static final String MICROS = "_micros";

    /** Counters of sequences, which name one together with their source. */
    private static final Set<String> COUNTERS =
            Set.of("sequence", "group", "parent", "selected", "continued_by", "started");

    private static final HexFormat HEX = HexFormat.of();

    private final boolean showText;

    RecordJson(boolean showText) {
        this.showText = showText;
    }

    /** Writes the fields of a record into the object that was begun. */
    void fields(JsonGenerator json, IndexedRecord record) throws IOException {
        fields(json, record, source(record));
    }

    /** Writes the fields of a part of a record into the object that was begun. */
    void fields(JsonGenerator json, IndexedRecord record, @Nullable Long source) throws IOException {
        for (Schema.Field field : record.getSchema().getFields()) {
            field(json, field.name(), record.get(field.pos()), source);
        }
    }

    /** Writes a field, unless it is absent or to be hidden. */
    void field(JsonGenerator json, String name, @Nullable Object value, @Nullable Long source) throws IOException {
        if (isAbsent(value) || (!showText && TEXT_FIELDS.contains(name))) {
            return;
        }
        if (name.endsWith(MICROS) && value instanceof Long micros) {
            time(json, name, micros);
            return;
        }
        json.writeFieldName(name);
        value(json, value, COUNTERS.contains(name) ? source : null, source);
    }

    private static void time(JsonGenerator json, String name, long micros) throws IOException {
        if (micros == 0) {
            return;
        }
        json.writeNumberField(name, micros);
        json.writeStringField(
                name.substring(0, name.length() - MICROS.length()),
                Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString());
    }

    private void value(JsonGenerator json, @Nullable Object value, @Nullable Long counterOf, @Nullable Long source)
            throws IOException {
        if (value instanceof IndexedRecord record) {
            json.writeStartObject();
            fields(json, record, source);
            json.writeEndObject();
        } else if (value instanceof Collection<?> list) {
            json.writeStartArray();
            for (Object element : list) {
                value(json, element, counterOf, source);
            }
            json.writeEndArray();
        } else if (value instanceof Map<?, ?> map) {
            json.writeStartObject();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                json.writeFieldName(String.valueOf(entry.getKey()));
                value(json, entry.getValue(), null, source);
            }
            json.writeEndObject();
        } else if (value instanceof Long counter && counterOf != null) {
            json.writeString(Ids.text(counterOf, counter));
        } else {
            scalar(json, value);
        }
    }

    private static void scalar(JsonGenerator json, @Nullable Object value) throws IOException {
        if (value instanceof SequenceId id) {
            json.writeString(Ids.text(id));
        } else if (value instanceof GenericFixed id) {
            json.writeString(HEX.formatHex(id.bytes()));
        } else if (value instanceof ByteBuffer bytes) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            json.writeString(HEX.formatHex(copy));
        } else if (value instanceof Enum<?> || value instanceof GenericEnumSymbol<?> || value instanceof CharSequence) {
            json.writeString(value.toString());
        } else if (value instanceof Boolean truth) {
            json.writeBoolean(truth);
        } else {
            number(json, value);
        }
    }

    /** Writes a number; null if it is none. */
    static void number(JsonGenerator json, @Nullable Object value) throws IOException {
        if (value instanceof Float number && Float.isFinite(number)) {
            json.writeNumber(number);
        } else if (value instanceof Double number && Double.isFinite(number)) {
            json.writeNumber(number);
        } else if (value instanceof Integer || value instanceof Long) {
            json.writeNumber(((Number) value).longValue());
        } else {
            json.writeNull();
        }
    }

    private static boolean isAbsent(@Nullable Object value) {
        return value == null
                || (value instanceof Collection<?> list && list.isEmpty())
                || (value instanceof Map<?, ?> map && map.isEmpty())
                || (value instanceof CharSequence text && text.length() == 0);
    }

    /** The source that the counters of a record belong to, if it names one. */
    static @Nullable Long source(IndexedRecord record) {
        for (Schema.Field field : record.getSchema().getFields()) {
            Object value = record.get(field.pos());
            if (value instanceof GeneratorId generator) {
                return Ids.generator(generator);
            }
            if (value instanceof SequenceId sequence) {
                return Ids.generator(sequence);
            }
        }
        return null;
    }
}
