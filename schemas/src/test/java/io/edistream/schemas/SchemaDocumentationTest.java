package io.edistream.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.apache.avro.Schema;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The schemas are the reference that other languages read: nothing in them may be left to guess. */
class SchemaDocumentationTest {

    static Set<String> names() {
        return Records.samples().keySet();
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyTypeAndFieldIsExplained(String name) {
        check(Records.sample(name).getSchema(), name, new HashSet<>());
    }

    private static void check(Schema schema, String path, Set<String> seen) {
        switch (schema.getType()) {
            case RECORD -> {
                if (seen.add(schema.getFullName())) {
                    assertThat(schema.getDoc()).as(path).isNotBlank();
                    schema.getFields().forEach(field -> checkField(field, path + "." + field.name(), seen));
                }
            }
            case ENUM -> {
                assertThat(schema.getDoc()).as(path).isNotBlank();
                // An older reader turns symbols that it does not know into the default.
                assertThat(schema.getEnumDefault()).as(path + ": default").isNotNull();
            }
            case FIXED -> assertThat(schema.getDoc()).as(path).isNotBlank();
            case ARRAY -> check(schema.getElementType(), path + "[]", seen);
            case MAP -> check(schema.getValueType(), path + "{}", seen);
            case UNION -> schema.getTypes().forEach(option -> check(option, path, seen));
            default -> {}
        }
    }

    private static void checkField(Schema.Field field, String path, Set<String> seen) {
        assertThat(field.doc()).as(path).isNotBlank();
        assertThat(field.doc()).as(path + ": a sentence").endsWith(".");
        boolean isTime = field.doc().contains("since 1970") || field.name().contains("_at_mi");
        if (isTime) {
            assertThat(field.name()).as(path).endsWith("_micros");
            assertThat(field.doc()).as(path).contains("microseconds since 1970-01-01 UTC");
            assertThat(field.schema().getType()).as(path).isEqualTo(Schema.Type.LONG);
        }
        check(field.schema(), path, seen);
    }
}
