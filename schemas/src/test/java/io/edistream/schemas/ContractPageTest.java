package io.edistream.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The page that readers in other languages are given says what the code does. */
class ContractPageTest {

    private static final Path DOCS = Path.of("../docs");
    private static final String VERSIONS = "../schemas/src/main/resources/io/edistream/schemas/versions/";
    private static final Pattern TOPIC_AND_KEY = Pattern.compile("\\(topic ([a-z-]+), key: ([^;)]+)");
    private static final String PROVISIONAL = "Provisional: nothing produces it yet";

    private static String page() throws IOException {
        return Files.readString(DOCS.resolve("contract.md"));
    }

    static Set<String> names() {
        return Records.samples().keySet();
    }

    /** Topic, key, newest version, its fingerprint as it is written, and whether it is frozen. */
    private static String row(String name) {
        Schema schema = Records.sample(name).getSchema();
        Matcher doc = TOPIC_AND_KEY.matcher(schema.getDoc());
        assertThat(doc.find()).as(name + " says '(topic NAME, key: KEY'").isTrue();
        String file = name + "/v"
                + RecordCodec.versions(Records.sample(name).getClass()).size() + ".avsc";
        byte[] header = Records.codec(Records.sample(name)).encode(Records.sample(name));
        String fingerprint = HexFormat.of().formatHex(header, 2, RecordCodec.HEADER_BYTES);
        String state = schema.getDoc().startsWith(PROVISIONAL) ? "provisional" : "frozen";
        return "| `%s` | %s | [%s](%s) | `%s` | %s |"
                .formatted(
                        Topics.DEFAULT.prefix() + doc.group(1) + ".v1",
                        doc.group(2),
                        name,
                        VERSIONS + file,
                        fingerprint,
                        state);
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyRecordHasItsRow(String name) throws IOException {
        String row = row(name);

        assertThat(page().lines())
                .as("docs/contract.md must have the line " + row)
                .contains(row);
        assertThat(DOCS.resolve(VERSIONS + name)).isDirectory();
    }

    @Test
    void noRowIsOfAnythingElse() throws IOException {
        Set<String> rows = names().stream().map(ContractPageTest::row).collect(Collectors.toSet());

        assertThat(page().lines().filter(line -> line.startsWith("| `edistream.")))
                .containsExactlyInAnyOrderElementsOf(rows);
        assertThat(String.join("\n", rows)).contains(Topics.DEFAULT.all());
    }

    @Test
    void theExampleIsARecord() throws IOException {
        String expected = "```json\n" + json(example()) + "\n```";

        assertThat(page())
                .as("docs/contract.md must have the example\n" + expected)
                .contains(expected);
    }

    @Test
    void boundsAreThoseOfTheCode() throws IOException {
        assertThat(page())
                .contains(String.format(
                        Locale.ROOT,
                        "| tokens of a record | %,d, and %d kB |",
                        RecordLimits.MAX_TOKENS,
                        RecordLimits.MAX_SOURCE_BYTES / 1_000));
        assertThat(page()).contains("| model, route, request | " + RecordLimits.MAX_NAME_CHARACTERS + " characters |");
        assertThat(page())
                .contains(String.format(
                        Locale.ROOT, "| prompt, text, answer | %,d characters,", RecordLimits.MAX_TEXT_CHARACTERS));
        assertThat(page()).contains("| class of a token | 0 to " + Byte.MAX_VALUE + " |");
    }

    @Test
    void everyColumnIsNamed() throws IOException {
        List<String> columns = TokenEntropyBatch.getClassSchema().getFields().stream()
                .filter(field ->
                        field.doc().startsWith("Dense column") || field.doc().startsWith("Sparse column"))
                .map(Schema.Field::name)
                .toList();

        assertThat(columns).hasSize(15).allSatisfy(column -> assertThat(page()).contains("`" + column + "`"));
    }

    /** By SHA-256 over the text that the page shows, whose thresholds are 1.36 and 1.33. */
    @Test
    void theDefaultScoringHasItsId() throws Exception {
        String text = "scoring-1;burst=8,%016x;rebound=%016x;class="
                .formatted(Double.doubleToLongBits(1.36), Double.doubleToLongBits(1.33));
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII));
        String expected = "    " + text + "  ->  " + HexFormat.of().formatHex(hash, 0, 8);

        assertThat(page().lines())
                .as("docs/contract.md must have the line " + expected)
                .contains(expected);
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        List<String> links = Pattern.compile("]\\(([^)#]+)\\)")
                .matcher(page())
                .results()
                .map((MatchResult link) -> link.group(1))
                .toList();

        assertThat(links).isNotEmpty().allSatisfy(link -> assertThat(DOCS.resolve(link))
                .exists());
    }

    private static TokenEntropyBatch example() {
        SequenceStart start = SequenceStart.newBuilder()
                .setSequence(7)
                .setGroup(7)
                .setModel("reasoner-s")
                .setRoute("default")
                .setEntropyKind(new EntropyKind(Distribution.RAW, Measurement.EXACT, 0))
                .setSampling(Sampling.newBuilder().setTemperature(0.75f).build())
                .build();
        SequenceFinish finish = SequenceFinish.newBuilder()
                .setSequence(5)
                .setTokens(41)
                .setReason(FinishReason.END_OF_SEQUENCE)
                .build();
        return TokenEntropyBatch.newBuilder()
                .setGenerator(Ids.generatorId(Records.GENERATOR))
                .setRecordNumber(12)
                .setDecodedAtMicros(1_767_225_600_000_000L)
                .setStarts(List.of(start))
                .setRuns(List.of(new TokenRun(7L, 0, 2), new TokenRun(5L, 40, 1)))
                .setEntropies(List.of(0.25f, Float.NaN, 1.5f))
                .setLogprobs(List.of(-0.125f, Float.NaN, -2f))
                .setUnmeasured(List.of(new UnmeasuredTokens(1, 1, UnmeasuredReason.SPECULATED)))
                .setTokenClasses(List.of(new TokenClass(2, 1)))
                .setFinishes(List.of(finish))
                .build();
    }

    /** A line for each field of the record; what is inside a field stays on its line. */
    private static String json(SpecificRecordBase batch) {
        return fields(batch).stream().map(field -> "  " + field).collect(Collectors.joining(",\n", "{\n", "\n}"));
    }

    private static List<String> fields(SpecificRecordBase value) {
        return value.getSchema().getFields().stream()
                .filter(field -> !field.hasDefaultValue()
                        || !Objects.equals(SpecificData.get().getDefaultValue(field), value.get(field.pos())))
                .map(field -> "\"" + field.name() + "\": " + inline(value.get(field.pos())))
                .toList();
    }

    private static String inline(Object value) {
        if (value instanceof SpecificRecordBase inner) {
            return "{" + String.join(", ", fields(inner)) + "}";
        } else if (value instanceof List<?> items) {
            return items.stream().map(ContractPageTest::inline).collect(Collectors.joining(", ", "[", "]"));
        } else if (value instanceof GenericFixed fixed) {
            return "\"" + HexFormat.of().formatHex(fixed.bytes()) + "\"";
        } else if (value instanceof Number number && !Double.isNaN(number.doubleValue())) {
            return number.toString();
        }
        return "\"" + value + "\"";
    }
}
