package io.edistream.cli.tail;

import io.edistream.cli.UserError;
import io.edistream.schemas.GeneratorId;
import io.edistream.schemas.Ids;
import io.edistream.schemas.SequenceId;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.TokenEntropyBatch;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongPredicate;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecordBase;
import org.jspecify.annotations.Nullable;

/**
 * Which records are wanted; each member that is given must match.
 *
 * <p>Tokens name their model and request in the start of their sequence alone. So starts are remembered, the newest
 * {@value #MAX_STARTS}; a sequence whose start was not read matches no model and no request.
 */
final class Filter {

    /** Starts that are remembered. */
    static final int MAX_STARTS = 131_072;

    private final @Nullable SequenceId sequence;
    private final @Nullable Long generator;
    private final @Nullable String model;
    private final @Nullable String request;
    private final Map<SequenceId, Boolean> wantedStarts = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<SequenceId, Boolean> eldest) {
            return size() > MAX_STARTS;
        }
    };

    /**
     * A filter from what somebody typed; null matches everything.
     *
     * @throws UserError if an id is none
     */
    Filter(@Nullable String sequence, @Nullable String generator, @Nullable String model, @Nullable String request) {
        this.sequence = sequence == null ? null : sequence(sequence);
        this.generator = generator == null ? null : generator(generator);
        this.model = model;
        this.request = request;
    }

    private static SequenceId sequence(String text) {
        try {
            int dash = text.indexOf('-');
            if (dash == 2 * Ids.GENERATOR_BYTES) {
                return Ids.sequenceId(
                        HexFormat.fromHexDigitsToLong(text.substring(0, dash)),
                        Long.parseUnsignedLong(text.substring(dash + 1)));
            }
            byte[] bytes = HexFormat.of().parseHex(text);
            if (bytes.length == Ids.SEQUENCE_BYTES) {
                return new SequenceId(bytes);
            }
        } catch (IllegalArgumentException e) {
            // Said below, with what is allowed.
        }
        throw UserError.wrongRequest("--sequence '" + text
                + "': must be the source's 16 hexadecimal digits, a dash and the counter, for instance"
                + " 0123456789abcdef-42, or 32 hexadecimal digits");
    }

    private static long generator(String text) {
        if (!text.matches("[0-9a-fA-F]{16}")) {
            throw UserError.wrongRequest(
                    "--generator '" + text + "': must be 16 hexadecimal digits, for instance 0123456789abcdef");
        }
        return HexFormat.fromHexDigitsToLong(text);
    }

    /**
     * Refuses members that no record of a topic can match.
     *
     * @throws UserError naming the option
     */
    void requireSense(TopicKind topic) {
        Stream.of(
                        named("--sequence", sequence, topic.names("sequence")),
                        named("--generator", generator, topic.names("generator") || topic.names("sequence")),
                        named("--model", model, topic.names("model")),
                        named("--request", request, topic.names("request")))
                .flatMap(Optional::stream)
                .findFirst()
                .ifPresent(option -> {
                    throw UserError.wrongRequest(option + ": the records of " + topic.shortName() + " name no "
                            + option.substring(2) + ", so that none would match");
                });
    }

    private static Optional<String> named(String option, @Nullable Object given, boolean sensible) {
        return given != null && !sensible ? Optional.of(option) : Optional.empty();
    }

    /** Whether nothing is asked for. */
    boolean isEmpty() {
        return sequence == null && generator == null && model == null && request == null;
    }

    /** Which sequences of a step are wanted, by their counters; its starts are remembered. */
    LongPredicate sequencesOf(TokenEntropyBatch step) {
        long source = Ids.generator(step.getGenerator());
        if (generator != null && generator != source) {
            return counter -> false;
        }
        boolean byStart = model != null || request != null;
        if (byStart) {
            for (SequenceStart start : step.getStarts()) {
                wantedStarts.put(Ids.sequenceId(source, start.getSequence()), matches(start));
            }
        }
        return counter -> {
            SequenceId id = Ids.sequenceId(source, counter);
            return (sequence == null || sequence.equals(id)) && (!byStart || wantedStarts.getOrDefault(id, false));
        };
    }

    private boolean matches(SpecificRecordBase record) {
        return (model == null || model.equals(value(record, "model")))
                && (request == null || request.equals(value(record, "request")));
    }

    /** Whether a record of another topic than token-entropy is wanted. */
    boolean wants(SpecificRecordBase record) {
        if (isEmpty()) {
            return true;
        }
        return (sequence == null || sequence.equals(value(record, "sequence")))
                && (generator == null || generator.equals(sourceOf(record)))
                && matches(record);
    }

    private static @Nullable Long sourceOf(SpecificRecordBase record) {
        if (value(record, "generator") instanceof GeneratorId id) {
            return Ids.generator(id);
        }
        return value(record, "sequence") instanceof SequenceId id ? Ids.generator(id) : null;
    }

    private static @Nullable Object value(SpecificRecordBase record, String name) {
        Schema.Field field = record.getSchema().getField(name);
        return field == null ? null : record.get(field.pos());
    }
}
