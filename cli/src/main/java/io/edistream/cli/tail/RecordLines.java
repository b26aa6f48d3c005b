package io.edistream.cli.tail;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.edistream.cli.SafeJson;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.UnreadableRecordException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.LongPredicate;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Makes a line of JSON of every record that is wanted: where it stands ({@code kafka}), what it is ({@code type}) and its
 * fields. What cannot be read is a line of type {@code unreadable} with the reason, whatever is wanted: nobody can tell
 * whose it is.
 */
final class RecordLines {

    private final TopicKind topic;
    private final Filter filter;
    private final RecordJson values;
    private final StepJson steps;
    private final JsonFactory factory = SafeJson.factory();

    RecordLines(TopicKind topic, Filter filter, boolean showText) {
        this.topic = topic;
        this.filter = filter;
        this.values = new RecordJson(showText);
        this.steps = new StepJson(values, showText);
    }

    /** The line of a record, without its end; empty if it is not wanted. */
    Optional<String> line(ConsumerRecord<byte[], byte[]> record) {
        byte @Nullable [] value = record.value();
        if (value == null) {
            return filter.isEmpty()
                    ? Optional.of(
                            line(record, "deleted", json -> json.writeStringField("key", readableKey(record.key()))))
                    : Optional.empty();
        }
        try {
            return line(record, topic.decode(value));
        } catch (UnreadableRecordException e) {
            return Optional.of(unreadable(record, e));
        }
    }

    private Optional<String> line(ConsumerRecord<byte[], byte[]> record, SpecificRecordBase value) {
        String type = value.getSchema().getName();
        if (value instanceof TokenEntropyBatch step) {
            LongPredicate wanted = filter.sequencesOf(step);
            return filter.isEmpty() || sequences(step).anyMatch(wanted::test)
                    ? Optional.of(line(record, type, json -> steps.fields(json, step, wanted)))
                    : Optional.empty();
        }
        return filter.wants(value)
                ? Optional.of(line(record, type, json -> values.fields(json, value)))
                : Optional.empty();
    }

    private static Stream<Long> sequences(TokenEntropyBatch step) {
        return Stream.of(
                        step.getStarts(),
                        step.getSamplingChanges(),
                        step.getRuns(),
                        step.getFinishes(),
                        step.getLabels())
                .flatMap(events -> events.stream().map(event -> (Long) event.get("sequence")));
    }

    private String unreadable(ConsumerRecord<byte[], byte[]> record, UnreadableRecordException why) {
        return line(record, "unreadable", json -> {
            json.writeStringField("reason", why.reason().toString());
            json.writeStringField(
                    "detail",
                    why.getMessage()
                            + (why.reason() == RejectReason.UNKNOWN_SCHEMA
                                    ? "; a later release wrote it, or it is not Edistream's: this release cannot name its"
                                            + " fields"
                                    : ""));
            json.writeNumberField("bytes", record.value().length);
        });
    }

    /** Text if it is some, otherwise hexadecimal digits. */
    private static String readableKey(byte @Nullable [] key) {
        if (key == null) {
            return "";
        }
        String text = new String(key, StandardCharsets.UTF_8);
        return text.chars().allMatch(character -> character >= ' ' && character < 0x7f)
                ? text
                : HexFormat.of().formatHex(key);
    }

    /** Writes fields into an object that was begun. */
    @FunctionalInterface
    private interface Fields {
        void write(JsonGenerator json) throws IOException;
    }

    private String line(ConsumerRecord<byte[], byte[]> record, String type, Fields fields) {
        StringWriter line = new StringWriter();
        try (JsonGenerator json = factory.createGenerator(line)) {
            json.writeStartObject();
            json.writeObjectFieldStart("kafka");
            json.writeStringField("topic", record.topic());
            json.writeNumberField("partition", record.partition());
            json.writeNumberField("offset", record.offset());
            json.writeStringField(
                    "stamped_at", Instant.ofEpochMilli(record.timestamp()).toString());
            json.writeEndObject();
            json.writeStringField("type", type);
            fields.write(json);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a line could not be written", e);
        }
        return line.toString();
    }
}
