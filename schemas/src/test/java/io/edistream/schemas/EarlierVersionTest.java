package io.edistream.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.specific.SpecificRecordBase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Readers first, then writers: a later release writes what this one reads until all of this one are gone. The later
 * release is made up here; the one that reads is this one as it is.
 */
class EarlierVersionTest {

    static Set<String> names() {
        return Records.samples().keySet();
    }

    @Test
    void thisReleaseReadsWhatALaterOneWritesAsTheVersionThatThisOneKnows() throws Exception {
        RecordCodec<SpikeOfLater> later = RecordCodec.of(SpikeOfLater.class, SpikeOfLater.VERSIONS, 1);

        Spike read = RecordCodec.of(Spike.class).decode(later.encode(new SpikeOfLater("REBOUND")));

        assertThat(read).isEqualTo(Records.spike());
    }

    @Test
    void thisReleaseCannotReadALaterVersion() {
        RecordCodec<SpikeOfLater> later = RecordCodec.of(SpikeOfLater.class, SpikeOfLater.VERSIONS);

        assertThatThrownBy(() -> RecordCodec.of(Spike.class).decode(later.encode(new SpikeOfLater("REBOUND"))))
                .isInstanceOfSatisfying(UnreadableRecordException.class, e -> assertThat(e.reason())
                        .isEqualTo(RejectReason.UNKNOWN_SCHEMA));
    }

    @Test
    void aSymbolThatTheVersionLacksBecomesItsDefault() throws Exception {
        RecordCodec<SpikeOfLater> later = RecordCodec.of(SpikeOfLater.class, SpikeOfLater.VERSIONS, 1);

        Spike read = RecordCodec.of(Spike.class).decode(later.encode(new SpikeOfLater("COLLAPSE")));

        assertThat(read)
                .isEqualTo(Spike.newBuilder(Records.spike())
                        .setKind(SpikeKind.UNKNOWN)
                        .build());
    }

    @Test
    void whatTheVersionLacksIsLeftOutInRecordsWithinRecordsToo() throws Exception {
        Schema withoutClasses = without(TokenEntropyBatch.getClassSchema(), Set.of("token_class"), new HashMap<>());
        RecordCodec<TokenEntropyBatch> codec = RecordCodec.of(TokenEntropyBatch.class, List.of(withoutClasses), 1);

        byte[] bytes = codec.encode(Records.batch());

        GenericRecord read = new BinaryMessageDecoder<GenericRecord>(GenericData.get(), withoutClasses).decode(bytes);
        assertThat(GenericData.get().validate(withoutClasses, read)).isTrue();
        TokenEntropyBatch classless = Records.batch();
        classless.getRuns().forEach(run -> run.getTokens().forEach(token -> token.setTokenClass(0)));
        assertThat(codec.decode(bytes)).isEqualTo(classless);
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyStoredVersionCanBeWritten(String name) throws Exception {
        SpecificRecordBase sample = Records.sample(name);
        Class<SpecificRecordBase> type = type(sample);
        List<Schema> versions = RecordCodec.versions(type);
        for (int version = 1; version <= versions.size(); version++) {
            byte[] bytes = RecordCodec.of(type, version).encode(sample);

            Schema schema = versions.get(version - 1);
            GenericRecord read = new BinaryMessageDecoder<GenericRecord>(GenericData.get(), schema).decode(bytes);
            assertThat(read.getSchema()).isEqualTo(schema);
        }
    }

    @Test
    void onlyStoredVersionsCanBeChosen() {
        int latest = RecordCodec.versions(Spike.class).size();
        for (int version : new int[] {0, latest + 1}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> RecordCodec.of(Spike.class, version))
                    .withMessage("version " + version + " of Spike: must be 1 to " + latest);
        }
    }

    @Test
    void aVersionThatWouldLoseAFieldWithoutDefaultIsRefused() {
        Schema withoutEntropy = without(Spike.getClassSchema(), Set.of("entropy"), new HashMap<>());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> RecordCodec.of(Spike.class, List.of(withoutEntropy), 1))
                .withMessageContaining("version 1 of Spike cannot stand for the current one")
                .withMessageContaining("entropy");
    }

    @Test
    void aVersionThatNeedsWhatTheCurrentOneLacksIsRefused() {
        Schema needsMore = new Schema.Parser()
                .parse(Spike.getClassSchema()
                        .toString()
                        .replace("{\"name\":\"token\"", "{\"name\":\"nonce\",\"type\":\"int\"},{\"name\":\"token\""));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> RecordCodec.of(Spike.class, List.of(needsMore), 1))
                .withMessageContaining("nonce");
    }

    @SuppressWarnings("unchecked") // A record's class is the class of such records.
    private static Class<SpecificRecordBase> type(SpecificRecordBase record) {
        return (Class<SpecificRecordBase>) record.getClass();
    }

    /** The schema without the fields of these names, wherever they are. */
    private static Schema without(Schema schema, Set<String> fields, Map<String, Schema> known) {
        return switch (schema.getType()) {
            case ARRAY -> Schema.createArray(without(schema.getElementType(), fields, known));
            case RECORD -> {
                Schema copy = known.get(schema.getFullName());
                if (copy == null) {
                    copy = Schema.createRecord(
                            schema.getFullName(),
                            schema.getDoc(),
                            null,
                            false,
                            schema.getFields().stream()
                                    .filter(field -> !fields.contains(field.name()))
                                    .map(field -> new Schema.Field(field, without(field.schema(), fields, known)))
                                    .toList());
                    known.put(schema.getFullName(), copy);
                }
                yield copy;
            }
            default -> schema;
        };
    }

    /** {@link Records#spike()} as a later release may have it: with one more field and one more kind. */
    public static final class SpikeOfLater extends SpecificRecordBase {

        /** Where Avro looks for the schema of a class. */
        @SuppressWarnings("unused")
        public static final Schema SCHEMA$ = new Schema.Parser()
                .parse(Spike.getClassSchema()
                        .toString()
                        .replace("\"REBOUND\"", "\"REBOUND\",\"COLLAPSE\"")
                        .replace(
                                "{\"name\":\"token\"",
                                "{\"name\":\"width\",\"type\":\"int\",\"default\":1},{\"name\":\"token\""));

        static final List<Schema> VERSIONS =
                List.of(RecordCodec.versions(Spike.class).get(0), SCHEMA$);

        private final Map<Integer, Object> values = new HashMap<>();

        SpikeOfLater(String kind) {
            Spike spike = Records.spike();
            for (Schema.Field field : SCHEMA$.getFields()) {
                switch (field.name()) {
                    case "width" -> put(field.pos(), 7);
                    case "kind" -> put(field.pos(), new GenericData.EnumSymbol(field.schema(), kind));
                    default -> put(field.pos(), spike.get(field.name()));
                }
            }
        }

        @Override
        public Schema getSchema() {
            return SCHEMA$;
        }

        @Override
        public Object get(int field) {
            return values.get(field);
        }

        @Override
        public void put(int field, Object value) {
            values.put(field, value);
        }
    }
}
