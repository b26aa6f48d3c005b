package io.edistream.generator.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class GeneratedTextTest {

    @ParameterizedTest
    @CsvSource({
        "the end is near, end, 'the '",
        "no stop at all, xyz, no stop at all",
        "aaab, aab, a",
        "ceases in a half en, end, ceases in a half en",
        "first of two: ba, 'a|b', 'first of two: '",
        "\u00e4\ud83d\ude00stop\u00e4, stop, \u00e4\ud83d\ude00",
    })
    void theTextEndsBeforeTheFirstStopString(String text, String stops, String expected) {
        GeneratedText generated = text(List.of(stops.split("\\|")));
        List<Integer> ids = new ArrayList<>();
        StringBuilder released = new StringBuilder();
        boolean stopped = false;
        for (int id : bytes(text)) {
            ids.add(id);
            stopped = generated.read(ids, false);
            released.append(generated.release(false));
            assertThat(expected).as("never to be taken back").startsWith(released.toString());
            if (stopped) {
                break;
            }
        }
        boolean unused = generated.read(ids, true);
        released.append(generated.release(true));
        assertThat(released).hasToString(expected);
        assertThat(generated.whole(true)).isEqualTo(expected);
        assertThat(stopped).isEqualTo(!expected.equals(text));
    }

    /** What is held back keeps readers waiting: only what a stop string begins with is. */
    @Test
    void onlyWhatAStopStringMayBeginWithIsHeld() {
        GeneratedText generated = text(List.of("end", "stop"));
        assertThat(generated.read(bytes("so tha"), false)).isFalse();
        assertThat(generated.release(false)).isEqualTo("so tha");
        assertThat(generated.read(bytes("so tha en"), false)).isFalse();
        assertThat(generated.release(false)).isEqualTo(" ");
        assertThat(generated.whole(false)).isEqualTo("so tha ");
        assertThat(generated.withCarried()).isEqualTo("so tha en");
        assertThat(generated.read(bytes("so tha enter"), false)).isFalse();
        assertThat(generated.release(false)).isEqualTo("enter");
    }

    /** Wherever a text is cut in two, what both parts let out is what one would, stop strings across the cut included. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whatGoesOnElsewhereIsTheSameText(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(12); i >= 0; i--) {
                text.append(new String[] {"a", "b", "\u00e4", "\ud83d\ude00"}[random.nextInt(4)]);
            }
            List<String> stops = random.nextBoolean() ? List.of("ab\u00e4", "bb") : List.of();
            List<Integer> all = bytes(text.toString());
            GeneratedText uncut = text(stops);
            boolean stops1 = uncut.read(all, true);
            String expected = uncut.release(true);
            int cut = random.nextInt(all.size() + 1);
            GeneratedText before = text(stops);
            StringBuilder released = new StringBuilder();
            boolean stopped = false;
            for (int i = 1; i <= cut && !stopped; i++) {
                stopped = before.read(all.subList(0, i), false);
                released.append(before.release(false));
            }
            assertThat(before.whole(false)).isEqualTo(released.toString());
            if (!stopped) {
                GeneratedText after = text(stops);
                after.goOnFrom(all.subList(0, cut));
                for (int i = cut + 1; i <= all.size() && !stopped; i++) {
                    stopped = after.read(all.subList(0, i), false);
                    released.append(after.release(false));
                }
                boolean unused = after.read(all, true);
                released.append(after.release(true));
            }
            assertThat(released.toString())
                    .as("%s cut at %s, stops %s", text, cut, stops)
                    .isEqualTo(expected);
            assertThat(stopped).isEqualTo(stops1);
        }
    }

    private static GeneratedText text(List<String> stops) {
        return new GeneratedText(new RunTextTest.Bytes(), stops);
    }

    private static List<Integer> bytes(String text) {
        List<Integer> ids = new ArrayList<>();
        for (byte one : text.getBytes(StandardCharsets.UTF_8)) {
            ids.add(one & 0xFF);
        }
        return ids;
    }
}
