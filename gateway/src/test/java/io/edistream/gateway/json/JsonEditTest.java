package io.edistream.gateway.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonEditTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|{}",
                "{\"a\":1}|{}",
                "{ \"a\" : 1 , \"x\" : 2 }|{ \"x\" : 2 }",
                "{ \"x\" : 2 , \"a\" : 1 }|{ \"x\" : 2 }",
                "{\"a\":1,\"b\":[{}],\"x\":2}|{\"x\":2}",
                "{\"x\":2,\"a\":1,\"b\":{\"a\":3}}|{\"x\":2}",
                "{\"a\":1,\"x\":\"},\",\"b\":1,\"y\":{\"a\":1},\"a\":2}|{\"x\":\"},\",\"y\":{\"a\":1}}",
                "{\"a\":1,\"b\":2}|{}",
                "{\"é\":\"\\u00e9ü\",\"a\":1}|{\"é\":\"\\u00e9ü\"}",
            })
    void membersAreCutWithTheirCommas(String json, String expected) throws IOException {
        byte[] bytes = json.getBytes(UTF_8);
        assertThat(new JsonEdit(bytes)
                        .cut(JsonSpans.of(bytes), Set.of("a", "b"))
                        .bytes())
                .asString(UTF_8)
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|{\"n\":true}",
                "{ }|{\"n\":true }",
                "{\"a\":1}|{\"n\":true}",
                "{\"x\":1}|{\"x\":1,\"n\":true}",
                "{\"x\":1,\"a\":1}|{\"x\":1,\"n\":true}",
                "{\"n\":false,\"a\":1}|{\"n\":true}",
                "{\"n\":1,\"x\":0,\"n\":null}|{\"n\":true,\"x\":0,\"n\":true}",
            })
    void membersGetAValue(String json, String expected) throws IOException {
        byte[] bytes = json.getBytes(UTF_8);
        assertThat(new JsonEdit(bytes)
                        .change(JsonSpans.of(bytes), Set.of("a"), Map.of("n", "true"))
                        .bytes())
                .asString(UTF_8)
                .isEqualTo(expected);
    }

    @Test
    void anyObjectIsChangedAsATreeWouldBe() throws IOException {
        Random random = new Random(7);
        for (int round = 0; round < 2000; round++) {
            ObjectNode tree = MAPPER.createObjectNode();
            for (int i = random.nextInt(6); i > 0; i--) {
                tree.set("m" + random.nextInt(8), value(random, 3));
            }
            byte[] bytes = (random.nextBoolean() ? tree.toPrettyString() : tree.toString()).getBytes(UTF_8);
            Set<String> cut = Set.of("m" + random.nextInt(4), "m" + (4 + random.nextInt(2)));
            Map<String, String> set = Map.of("m6", "[1]", "new", "\"ü\"");

            byte[] changed =
                    new JsonEdit(bytes).change(JsonSpans.of(bytes), cut, set).bytes();

            tree.remove(cut);
            tree.set("m6", MAPPER.createArrayNode().add(1));
            tree.put("new", "ü");
            assertThat(MAPPER.readTree(changed)).isEqualTo(tree);
        }
    }

    @Test
    void theLastOfEqualNamesCounts() throws IOException {
        byte[] bytes = "{\"a\":1,\"a\":22}".getBytes(UTF_8);
        JsonSpans.Member member = JsonSpans.of(bytes).member("a").orElseThrow();
        assertThat(new String(bytes, member.valueFrom(), member.to() - member.valueFrom(), UTF_8))
                .isEqualTo("22");
    }

    @Test
    void aPartOfTheBytesHasOffsetsOfTheWhole() throws IOException {
        byte[] bytes = "xx{\"a\":[1,2] }yy".getBytes(UTF_8);
        JsonSpans spans = JsonSpans.of(bytes, 2, bytes.length - 2);
        assertThat(spans.from()).isEqualTo(2);
        assertThat(spans.to()).isEqualTo(bytes.length - 2);
        JsonSpans.Member member = spans.members().get(0);
        assertThat(new String(bytes, member.from(), member.to() - member.from(), UTF_8))
                .isEqualTo("\"a\":[1,2]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "[]",
                "1",
                "null",
                "{",
                "{\"a\":}",
                "{} {}",
                "{}x",
                "{\"a\":1,}",
                "{'a':1}",
                "{\"a\":NaN}"
            })
    void whatIsNoObjectIsRefused(String json) {
        assertThatThrownBy(() -> JsonSpans.of(json.getBytes(UTF_8))).isInstanceOf(IOException.class);
    }

    @Test
    void depthIsBoundedAndNothingIsQuoted() {
        byte[] deep = ("{\"a\":" + "[".repeat(1001) + "]".repeat(1001) + "}").getBytes(UTF_8);
        assertThatThrownBy(() -> JsonSpans.of(deep)).isInstanceOf(IOException.class);
        byte[] secret = "{\"a\":my-secret}".getBytes(UTF_8);
        assertThatThrownBy(() -> JsonSpans.of(secret))
                .isInstanceOf(IOException.class)
                .hasMessageNotContaining("secret")
                .hasMessageContaining("byte");
    }

    private static JsonNode value(Random random, int depth) {
        return switch (random.nextInt(depth == 0 ? 3 : 5)) {
            case 0 -> MAPPER.getNodeFactory().numberNode(random.nextInt());
            case 1 ->
                MAPPER.getNodeFactory()
                        .textNode(new StringBuilder()
                                .appendCodePoint(random.nextInt(0x10000) & ~0x800)
                                .append("\"},\\")
                                .toString());
            case 2 -> MAPPER.getNodeFactory().nullNode();
            case 3 -> {
                ObjectNode object = MAPPER.createObjectNode();
                object.set("m" + random.nextInt(8), value(random, depth - 1));
                yield object;
            }
            default -> {
                List<JsonNode> items = new ArrayList<>();
                for (int i = random.nextInt(3); i > 0; i--) {
                    items.add(value(random, depth - 1));
                }
                yield MAPPER.createArrayNode().addAll(items);
            }
        };
    }
}
