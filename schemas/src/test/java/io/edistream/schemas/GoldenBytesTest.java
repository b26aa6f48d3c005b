package io.edistream.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Bytes that each released version of each schema wrote, read by today's code.
 *
 * <p>When a schema gets a new version, its new fields get values in {@link Records}, and {@link #expected} says what
 * the bytes of the version before mean now: the same record with those fields at their defaults. The bytes of the new
 * version are put under {@code target/candidates} when this test misses them; files of released versions never change.
 */
class GoldenBytesTest {

    private static final String FOLDER = "src/test/resources/io/edistream/schemas/golden/";
    private static final int HEX_DIGITS_PER_LINE = 96;

    static List<Arguments> versions() {
        List<Arguments> all = new ArrayList<>();
        Records.samples().forEach((name, sample) -> {
            for (int version = 1;
                    version <= RecordCodec.versions(sample.getClass()).size();
                    version++) {
                all.add(arguments(name, version));
            }
        });
        return all;
    }

    /** What the stored bytes of a version mean to today's code. */
    private static SpecificRecordBase expected(String name, int version) {
        assertThat(version).as("the first versions are the only ones so far").isEqualTo(1);
        return Records.sample(name);
    }

    @ParameterizedTest
    @MethodSource("versions")
    void storedBytesMeanWhatTheyMeant(String name, int version) throws Exception {
        SpecificRecordBase expected = expected(name, version);
        RecordCodec<SpecificRecordBase> codec = Records.codec(expected);
        byte[] stored = stored(name, version);
        if (version == RecordCodec.versions(expected.getClass()).size()) {
            byte[] now = codec.encode(expected);
            if (!Arrays.equals(stored, now)) {
                fail(advice(name, version, now));
            }
        }

        assertThat(codec.decode(stored)).isEqualTo(expected);
    }

    @Test
    void samplesLeaveNoFieldAtItsDefault() {
        Records.samples().forEach(GoldenBytesTest::assertDistinctive);
    }

    private static byte[] stored(String name, int version) throws IOException {
        try (InputStream in = GoldenBytesTest.class.getResourceAsStream("golden/" + name + "/v" + version + ".hex")) {
            if (in == null) {
                return new byte[0];
            }
            String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
        }
    }

    private static String advice(String name, int version, byte[] now) {
        String file = name + "/v" + version + ".hex";
        String lines = HexFormat.of().formatHex(now).replaceAll("(.{" + HEX_DIGITS_PER_LINE + "})", "$1\n");
        Path candidate = Records.candidate(file, lines + "\n");
        return "Today's code writes other bytes than those of " + FOLDER + file + ". If version " + version
                + " was never released, copy " + candidate + " there; if it was, the code or the schema is at fault";
    }

    private static void assertDistinctive(String path, SpecificRecordBase record) {
        List<Object> values = new ArrayList<>();
        for (Schema.Field field : record.getSchema().getFields()) {
            String name = path + "." + field.name();
            Object value = record.get(field.pos());
            assertThat(value).as(name).isNotNull();
            if (field.hasDefaultValue()) {
                assertThat(value).as(name).isNotEqualTo(SpecificData.get().getDefaultValue(field));
            }
            if (value instanceof SpecificRecordBase nested) {
                assertDistinctive(name, nested);
            } else if (value instanceof Collection<?> items) {
                assertThat(items).as(name).isNotEmpty();
                for (Object item : items) {
                    if (item instanceof SpecificRecordBase nested) {
                        assertDistinctive(name, nested);
                    }
                }
            } else if (value instanceof Map<?, ?> map) {
                assertThat(map).as(name).isNotEmpty();
            }
            if (!(value instanceof Boolean) && !(value instanceof GenericFixed)) {
                values.add(value);
            }
        }
        assertThat(values).as(path + ": values of its fields").doesNotHaveDuplicates();
    }
}
