package io.edistream.generator.decode;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunTextTest {

    @Test
    void joinedTheBitsAreTheText() {
        RunText words = new RunText(new NumberWords());
        StringBuilder joined = new StringBuilder();
        List<Integer> ids = new ArrayList<>();
        for (int token : new int[] {5, 17, 3, 3, 20}) {
            ids.add(token);
            joined.append(words.next(ids, false));
        }
        assertThat(joined).hasToString(new NumberWords().decode(ids)).hasToString("5 17 3 3 20");
        assertThat(words.next(ids, false)).as("nothing new").isEmpty();
    }

    @Test
    void halfACharacterWaitsForTheTokenThatCompletesIt() {
        RunText text = new RunText(new Bytes());
        List<Integer> tokens = new ArrayList<>();
        List<String> bits = new ArrayList<>();
        // 'a', then the four bytes of U+1F600, then 'b'.
        for (int token : new int[] {'a', 0xF0, 0x9F, 0x98, 0x80, 'b'}) {
            tokens.add(token);
            bits.add(text.next(tokens, false));
        }
        assertThat(bits).containsExactly("a", "", "", "", "\uD83D\uDE00", "b");
    }

    @Test
    void bytesThatAreNoCharacterAreNotWaitedForForEver() {
        RunText text = new RunText(new Bytes());
        List<Integer> tokens = new ArrayList<>();
        List<String> bits = new ArrayList<>();
        for (int token : new int[] {'a', 0xFF, 0xFF, 0xFF, 0xFF, 'b'}) {
            tokens.add(token);
            bits.add(text.next(tokens, false));
        }
        assertThat(bits).containsExactly("a", "", "", "", "\uFFFD\uFFFD\uFFFD\uFFFD", "b");
    }

    @Test
    void theLastBitWaitsForNothing() {
        RunText text = new RunText(new Bytes());
        assertThat(text.next(List.of((int) 'a', 0xF0, 0x9F), true)).isEqualTo("a\uFFFD");
    }

    /** The text of an earlier sequence's tokens is known, but for the half character at their end. */
    @Test
    void whatIsBegunBehindOtherTokensDoesNotRepeatThem() {
        for (int cut = 0; cut <= 7; cut++) {
            List<Integer> all = List.of((int) 'a', 0xF0, 0x9F, 0x98, 0x80, (int) 'b', 0xC3, 0xA4);
            RunText text = new RunText(new Bytes());
            String before = text.begunWith(all.subList(0, cut));
            assertThat(before + text.next(all, false)).as("cut at %s", cut).isEqualTo("a\uD83D\uDE00b\u00E4");
            assertThat(before).doesNotContain("\uFFFD");
        }
    }

    @Test
    void noMoreThanHalfACharacterIsWaitedForBehindOtherTokens() {
        RunText text = new RunText(new Bytes());
        assertThat(text.begunWith(List.of((int) 'a', 0xFF, 0xFF, 0xFF, 0xFF))).isEqualTo("a\uFFFD");
    }

    /** As tokens that only mark something have. */
    @Test
    void tokensMayHaveNoText() {
        RunText text = new RunText(new NumberWords() {
            @Override
            public String decode(List<Integer> tokens) {
                return "";
            }
        });
        assertThat(text.begunWith(List.of(1))).isEmpty();
        assertThat(text.next(List.of(1, 2), false)).isEmpty();
    }

    /** Each token is a byte of UTF-8. */
    static final class Bytes extends NumberWords {

        @Override
        public String decode(List<Integer> tokens) {
            byte[] bytes = new byte[tokens.size()];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = tokens.get(i).byteValue();
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
