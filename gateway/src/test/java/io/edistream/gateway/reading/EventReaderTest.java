package io.edistream.gateway.reading;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class EventReaderTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // Stream | pieces, by their ends | data of each that has some
                "data: a~~data: b~~|9,18|a,b",
                "data:a~~data:  b~~|8,18|a, b",
                "data: a^~^~data: b^~^~|11,22|a,b",
                "data: a^^data: b^^|9,18|a,b",
                "data: a^^^data: b^^|9,10,19|a,b",
                "data: a~data: b~~|17|a+b",
                "data~data:~~|12|+",
                "datax: a~data : b~x~~|21|",
                ": c~~: d~data: a~: e~~|4,5,9,22|a",
                "id: 1~event: x~data: a~retry: 3~~|33|a",
                "~~data: a~~|1,2,11|a",
                "data: a~|8|a",
                "data: a|7|a",
                "data: a^|8|a",
            })
    void eventsEndWhereTheStandardSays(String stream, String ends, String data) {
        byte[] bytes = stream.replace('~', '\n').replace('^', '\r').getBytes(UTF_8);
        for (int cut = 0; cut <= bytes.length; cut++) {
            List<ServerSentEvent> pieces = Fixtures.events(bytes, cut);
            assertThat(ends(pieces)).isEqualTo(ends);
            assertThat(pieces.stream()
                            .filter(ServerSentEvent::hasData)
                            .map(piece -> data(piece).replace('\n', '+'))
                            .collect(Collectors.joining(",")))
                    .isEqualTo(data == null ? "" : data);
        }
    }

    @ParameterizedTest
    @MethodSource("io.edistream.gateway.reading.Fixtures#all")
    void cutsChangeNothing(String name) {
        byte[] bytes = Fixtures.bytes(name);
        List<ServerSentEvent> whole = Fixtures.events(bytes);
        assertThat(data(whole)).isEqualTo(reference(bytes));
        assertThat(joined(whole)).isEqualTo(bytes);
        assertSame(whole, Fixtures.events(bytes, Fixtures.everywhere(bytes)));
        for (int cut = 0; cut <= bytes.length; cut++) {
            assertSame(whole, Fixtures.events(bytes, cut));
        }
    }

    @Test
    void anyBytesAreReadAsTheStandardSays() {
        Random random = new Random(8);
        String[] parts = {"data", ":", " ", "\r", "\n", "\r\n", "data: ", "é", "\uFEFF", "event: x", "{}", "x"};
        for (int round = 0; round < 20_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(24); i > 0; i--) {
                text.append(parts[random.nextInt(parts.length)]);
            }
            byte[] bytes = text.toString().getBytes(UTF_8);
            List<ServerSentEvent> whole = Fixtures.events(bytes);
            assertThat(joined(whole)).isEqualTo(bytes);
            assertThat(data(whole)).as("%s", text).isEqualTo(reference(bytes));
            assertSame(whole, Fixtures.events(bytes, Fixtures.everywhere(bytes)));
            assertSame(whole, Fixtures.events(bytes, Fixtures.somewhere(bytes, random)));
        }
    }

    /** What waits is what a client would miss: an event is there with the last byte of its blank line. */
    @ParameterizedTest
    @CsvSource({"~~", "^~^~", "^^"})
    void anEventDoesNotWaitForTheNext(String end) {
        byte[] bytes = ("data: a" + end.replace('~', '\n').replace('^', '\r')).getBytes(UTF_8);
        List<ServerSentEvent> pieces = new ArrayList<>();
        new EventReader(100).read(bytes, 0, bytes.length, pieces::add);
        assertThat(data(pieces)).containsExactly("a");
        assertThat(pieces.get(0).isTerminated()).isTrue();
    }

    @Test
    void aTooLongEventIsHandedOutInPartsThatNobodyReads() {
        String event = "data: 0123456789\r\ndata: 0123456789\r\n\r\n";
        byte[] bytes = (event + "data: b\n\n").getBytes(UTF_8);
        for (int max = 16; max <= event.length() + 1; max++) {
            List<ServerSentEvent> pieces = Fixtures.events(max, bytes);
            assertThat(joined(pieces)).isEqualTo(bytes);
            boolean fits = event.length() <= max;
            // The LF behind the last CR may come on top.
            boolean nearly = event.length() - 1 == max;
            if (!nearly) {
                assertThat(data(pieces))
                        .as("at most %s", max)
                        .isEqualTo(fits ? List.of("0123456789\n0123456789", "b") : List.of("b"));
                assertThat(pieces.stream().anyMatch(ServerSentEvent::isOversized))
                        .isEqualTo(!fits);
            }
            int bound = max + 1;
            assertThat(pieces).allSatisfy(piece -> assertThat(piece.bytes()).hasSizeLessThanOrEqualTo(bound));
            assertSame(pieces, Fixtures.events(max, bytes, Fixtures.everywhere(bytes)));
        }
        assertThatThrownBy(() -> new EventReader(15))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 16");
    }

    private static void assertSame(List<ServerSentEvent> expected, List<ServerSentEvent> actual) {
        assertThat(ends(actual)).isEqualTo(ends(expected));
        assertThat(data(actual)).isEqualTo(data(expected));
    }

    private static String ends(List<ServerSentEvent> pieces) {
        StringBuilder ends = new StringBuilder();
        int end = 0;
        for (ServerSentEvent piece : pieces) {
            end += piece.bytes().length;
            ends.append(ends.length() > 0 ? "," : "").append(end);
        }
        return ends.toString();
    }

    private static byte[] joined(List<ServerSentEvent> pieces) {
        return pieces.stream()
                .map(piece -> new String(piece.bytes(), ISO_8859_1))
                .collect(Collectors.joining())
                .getBytes(ISO_8859_1);
    }

    private static List<String> data(List<ServerSentEvent> pieces) {
        return pieces.stream()
                .filter(ServerSentEvent::hasData)
                .map(EventReaderTest::data)
                .toList();
    }

    private static String data(ServerSentEvent event) {
        return new String(event.data(), event.from(), event.to() - event.from(), UTF_8);
    }

    /** The algorithm of the standard, by lines of text; what is left at the end counts as an event. */
    private static List<String> reference(byte[] bytes) {
        String text = new String(bytes, UTF_8);
        List<String> events = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        for (String line : (text.startsWith("\uFEFF") ? text.substring(1) : text).split("\r\n|\r|\n", -1)) {
            if (line.isEmpty()) {
                if (!lines.isEmpty()) {
                    events.add(String.join("\n", lines));
                }
                lines.clear();
            } else if (line.equals("data") || line.startsWith("data:")) {
                lines.add(line.replaceFirst("^data:? ?", ""));
            }
        }
        if (!lines.isEmpty()) {
            events.add(String.join("\n", lines));
        }
        return events;
    }
}
