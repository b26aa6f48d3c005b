package io.edistream.gateway.reading;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.edistream.gateway.config.Route.Thinking;
import io.edistream.gateway.config.UpstreamKind;
import io.edistream.gateway.request.Additions;
import io.edistream.gateway.request.Endpoint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What no engine should send: nothing throws, nothing grows without a bound, and the client's bytes are what they were. */
@Timeout(120)
class HostileStreamTest {

    /** How many streams are damaged; {@code gateway/fuzz} asks for more than continuous integration has time for. */
    private static final int STREAMS = Integer.getInteger("edistream.fuzz.streams", 2000);

    private static final long SEED = Long.getLong("edistream.fuzz.seed", 2026);

    /** Ten times as long as a damaged stream takes on a busy machine. */
    private static final Duration PATIENCE = Duration.ofSeconds(60).plusMillis(20L * STREAMS);

    private static final JsonMapper LENIENT = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** Data of events, by what is wrong with it. */
    private static final Map<String, String> EVENTS = events();

    private static Map<String, String> events() {
        Map<String, String> events = new LinkedHashMap<>();
        String choice = "{\"index\":0,\"delta\":{\"content\":\"a\"},\"logprobs\":{\"content\":[%s]}}";
        events.put(
                "numbers as strings", choices(choice.formatted("{\"token\":\"a\",\"logprob\":\"-1\",\"id\":\"7\"}")));
        events.put("a list that is an object", choices("{\"index\":0,\"logprobs\":{\"content\":{\"token\":\"a\"}}}"));
        events.put("a list that is a number", choices("{\"index\":0,\"logprobs\":{\"content\":5}}"));
        events.put("lists that are a list", choices("{\"index\":0,\"logprobs\":[[1],{\"a\":[]}]}"));
        events.put("entries of all types", choices(choice.formatted("1,null,\"a\",[],[[]],{},{\"top_logprobs\":{}}")));
        events.put(
                "alternatives of all types",
                choices(choice.formatted("{\"logprob\":-1,\"top_logprobs\":[1,null,\"a\",[],{},{\"logprob\":[]}]}")));
        events.put(
                "columns of all types",
                choices("{\"index\":0,\"text\":[1],\"logprobs\":{\"tokens\":[1,{}],\"token_logprobs\":[\"a\",null,{}],"
                        + "\"top_logprobs\":[null,[1],{\"a\":{},\"b\":\"c\"}]}}"));
        events.put("an index of 2^40", choices("{\"index\":1099511627776,\"delta\":{\"content\":\"a\"}}"));
        events.put("an index of 10^400", choices("{\"index\":1" + "0".repeat(400) + "}"));
        events.put("an index of -1", choices("{\"index\":-1,\"delta\":{\"content\":\"a\"}}"));
        events.put("an index that is no number", choices("{\"index\":{},\"delta\":{\"content\":\"a\"}}"));
        events.put("a delta that is no object", choices("{\"index\":0,\"delta\":[{\"content\":\"a\"}]}"));
        events.put("choices that are no list", "{\"choices\":{\"index\":0}}");
        events.put("choices that are no objects", choices("1,null,[],\"a\",[{\"index\":0}]"));
        events.put(
                "10,000 choices",
                choices(IntStream.range(0, 10_000)
                        .mapToObj(index -> "{\"index\":" + index + ",\"delta\":{\"content\":\"a\"}}")
                        .collect(Collectors.joining(","))));
        events.put("nested 10,000 deep", "{\"a\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}");
        events.put(
                "a text of 1 MB", choices("{\"index\":0,\"delta\":{\"content\":\"" + "a".repeat(1_000_000) + "\"}}"));
        events.put(
                "a token of 1 MB",
                choices(choice.formatted("{\"token\":\"" + "a".repeat(1_000_000) + "\",\"logprob\":-1}")));
        events.put("a number of 900 digits", "{\"usage\":{\"completion_tokens\":" + "9".repeat(900) + "}}");
        events.put("a number of 5,000 digits", "{\"usage\":{\"completion_tokens\":" + "9".repeat(5000) + "}}");
        events.put("a fraction of 900 digits", choices(choice.formatted("{\"logprob\":-0." + "3".repeat(900) + "}")));
        events.put(
                "one name twice", "{\"choices\":[{\"index\":0,\"index\":1}],\"choices\":[],\"usage\":1,\"usage\":{}}");
        events.put(
                "lists twice",
                choices("{\"index\":0,\"logprobs\":{\"content\":[{\"logprob\":-1}]},"
                        + "\"logprobs\":{\"content\":[{\"logprob\":-1}]}}"));
        events.put("NaN", choices(choice.formatted("{\"logprob\":NaN,\"top_logprobs\":[{\"logprob\":-Infinity}]}")));
        events.put(
                "Infinity", choices(choice.formatted("{\"logprob\":Infinity,\"top_logprobs\":[{\"logprob\":1e999}]}")));
        events.put("negative usage", "{\"choices\":[],\"usage\":{\"completion_tokens\":-5,\"prompt_tokens\":-1}}");
        events.put("usage that is no object", "{\"choices\":[],\"usage\":[1,2]}");
        events.put("timings of all types", "{\"choices\":[],\"timings\":{\"predicted_n\":{}},\"timings\":3}");
        events.put("half a surrogate pair", choices("{\"index\":0,\"delta\":{\"content\":\"\\ud800\"}}"));
        events.put("ids of all types", choices("{\"index\":0,\"token_ids\":[1,-1,null,\"a\",{},[1],1e99]}"));
        events.put("calls of all types", choices("{\"index\":0,\"delta\":{\"tool_calls\":[[],{},{\"a\":[]}]}}"));
        events.put("not JSON", "<html>");
        events.put("a JSON that is cut", "{\"choices\":[");
        events.put("a list", "[]");
        events.put("two values", "{}{}");
        events.put("UTF-16", "{\0}\0");
        events.put("a zero", "{\0");
        return events;
    }

    private static String choices(String choices) {
        return "{\"choices\":[" + choices + "]}";
    }

    static List<String> names() {
        return List.copyOf(EVENTS.keySet());
    }

    @ParameterizedTest
    @MethodSource("names")
    void noEventThrowsAndBytesPass(String name) {
        byte[] stream = ("data: " + EVENTS.get(name) + "\n\n").getBytes(UTF_8);
        for (UpstreamKind kind : UpstreamKind.values()) {
            for (Endpoint endpoint : Endpoint.values()) {
                ReadingOptions options = new ReadingOptions(kind, endpoint, Additions.NONE, 20, 1000, null);
                Reading reading = new Reading(options, Fixtures.events(4 << 20, stream));
                assertThat(reading.forwarded).isEqualTo(stream);
                assertBounded(reading, stream.length);
                new Reading(
                        new ReadingOptions(kind, endpoint, Reading.ALL, 20, 0, new Thinking("<a>", "</a>")),
                        Fixtures.events(4 << 20, stream));
            }
        }
    }

    @Test
    void whatIsNotUtf8Passes() {
        byte[] stream =
                "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\u00ff\u00c0\"}}]}\n\n".getBytes(ISO_8859_1);
        Reading reading = new Reading(Reading.options(UpstreamKind.VLLM, Reading.ALL), Fixtures.events(stream));
        assertThat(reading.forwarded).isEqualTo(stream);
        assertThat(reading.unread).isEqualTo(1);
    }

    /** Nothing of an event that breaks off in its middle counts. */
    @Test
    void anEventIsReadAsAWholeOrNotAtAll() {
        Reading reading = Reading.of(
                Reading.options(UpstreamKind.OPENAI, Additions.NONE),
                "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}],,}",
                "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"b\"}}]}");
        assertThat(reading.texts).containsEntry(0, "b");
        assertThat(reading.tokens.get(0)).hasSize(1);
        assertThat(reading.unread).isEqualTo(1);
        assertThat(reading.ending.outcome()).isEqualTo(Ending.Outcome.CUT);
    }

    @Test
    void aTooLongEventPassesUnread() {
        String event = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + "a".repeat(2000) + "\"}}]}\n\n";
        byte[] stream =
                (event + "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"b\"}}]}\n\n").getBytes(UTF_8);
        Reading reading = new Reading(Reading.options(UpstreamKind.OPENAI, Reading.ALL), Fixtures.events(1024, stream));
        assertThat(reading.forwarded).isEqualTo(stream);
        assertThat(reading.texts).containsEntry(0, "b");
        assertThat(reading.unread).isEqualTo(3);
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.HOURS)
    void damagedStreamsAreReadAsFarAsTheyGo() {
        assertTimeoutPreemptively(PATIENCE, HostileStreamTest::readDamagedStreams);
    }

    private static void readDamagedStreams() {
        Random random = new Random(SEED);
        List<String> names = Fixtures.all();
        int finishes = 0;
        for (int round = 0; round < STREAMS; round++) {
            String name = names.get(random.nextInt(names.size()));
            byte[] stream = damaged(Fixtures.bytes(name), random);
            boolean ours = random.nextBoolean();
            ReadingOptions options = FixturesTest.options(name, ours ? Reading.ALL : Additions.NONE, 49152);

            Reading reading = new Reading(options, Fixtures.events(stream, Fixtures.somewhere(stream, random)));

            assertBounded(reading, stream.length);
            finishes += reading.finishes.size();
            Map<String, String> said = said(stream);
            assertThat(said(reading.forwarded)).as("round %s, %s", round, name).isEqualTo(said);
            if (said.keySet().stream().noneMatch(key -> key.startsWith("finish"))) {
                assertThat(reading.finishes).isEmpty();
                assertThat(reading.ending.outcome()).isNotEqualTo(Ending.Outcome.COMPLETE);
            }
            if (!ours) {
                assertUntouched(stream, reading);
            }
        }
        // Most streams keep their end, so that something was read at all.
        assertThat(finishes).isGreaterThan(STREAMS / 4);
    }

    /** What a client takes from a stream, by choice. */
    private static Map<String, String> said(byte[] stream) {
        Map<String, String> said = new TreeMap<>();
        for (ServerSentEvent event : Fixtures.events(stream)) {
            if (!event.hasData()) {
                continue;
            }
            try {
                JsonNode chunk = LENIENT.readTree(event.data(), event.from(), event.to() - event.from());
                said.merge("errors", chunk.path("error").toString(), String::concat);
                for (JsonNode choice : chunk.path("choices")) {
                    String index = choice.path("index").toString();
                    for (JsonNode text : List.of(choice.path("delta").path("content"), choice.path("text"))) {
                        said.merge("text " + index, text.isTextual() ? text.asText() : "", String::concat);
                    }
                    if (choice.path("finish_reason").isTextual()) {
                        said.merge(
                                "finish " + index, choice.path("finish_reason").asText(), String::concat);
                    }
                }
            } catch (IOException e) {
                // It says nothing.
            }
        }
        said.values().removeIf(String::isEmpty);
        return said;
    }

    private static void assertUntouched(byte[] stream, Reading reading) {
        // Only the beginning of an event that the end has cut may be left out.
        assertThat(stream.length).isGreaterThanOrEqualTo(reading.forwarded.length);
        assertThat(new String(stream, ISO_8859_1)).startsWith(new String(reading.forwarded, ISO_8859_1));
        String left = new String(stream, ISO_8859_1).substring(reading.forwarded.length);
        assertThat(left.strip()).doesNotContain("\n\n");
    }

    private static void assertBounded(Reading reading, int bytes) {
        assertThat(reading.tokens).hasSizeLessThanOrEqualTo(Answer.MAX_CHOICES);
        int events = reading.passages.size();
        reading.tokens.values().forEach(tokens -> assertThat(tokens.size())
                .isLessThanOrEqualTo(bytes + events * (ChoiceTokens.MAX_HOLE + 1)));
    }

    private static byte[] damaged(byte[] stream, Random random) {
        List<Byte> bytes = new ArrayList<>();
        for (byte b : stream) {
            bytes.add(b);
        }
        for (int i = random.nextInt(4); i >= 0; i--) {
            int at = random.nextInt(bytes.size());
            int length = Math.min(bytes.size() - at, 1 + random.nextInt(200));
            switch (random.nextInt(6)) {
                case 0 -> bytes.set(at, (byte) random.nextInt(256));
                case 1 -> bytes.set(at, (byte) (bytes.get(at) ^ (1 << random.nextInt(8))));
                case 2 -> bytes.subList(at, at + length).clear();
                case 3 -> bytes.addAll(at, List.copyOf(bytes.subList(at, at + length)));
                case 4 -> bytes.add(at, (byte) "\r\n\":{}[],0-".charAt(random.nextInt(11)));
                default -> {
                    if (random.nextInt(3) == 0) {
                        bytes.subList(Math.max(1, at), bytes.size()).clear();
                    }
                }
            }
            if (bytes.isEmpty()) {
                break;
            }
        }
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        bytes.forEach(result::write);
        return result.toByteArray();
    }
}
