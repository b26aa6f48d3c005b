package io.edistream.generator.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.TokenStats;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunTextTest {

    @Test
    void joinedTheBitsAreTheText() {
        RunText words = new RunText(new NumberWords());
        List<DecodedToken> tokens = new ArrayList<>();
        StringBuilder joined = new StringBuilder();
        List<Integer> ids = new ArrayList<>();
        for (int token : new int[] {5, 17, 3, 3, 20}) {
            ids.add(token);
            tokens.add(token(token));
            joined.append(words.next(tokens));
        }
        assertThat(joined).hasToString(new NumberWords().decode(ids)).hasToString("5 17 3 3 20");
        assertThat(words.next(tokens)).as("nothing new").isEmpty();
    }

    @Test
    void halfACharacterWaitsForTheTokenThatCompletesIt() {
        RunText text = new RunText(new Bytes());
        List<DecodedToken> tokens = new ArrayList<>();
        List<String> bits = new ArrayList<>();
        // 'a', then the four bytes of U+1F600, then 'b'.
        for (int token : new int[] {'a', 0xF0, 0x9F, 0x98, 0x80, 'b'}) {
            tokens.add(token(token));
            bits.add(text.next(tokens));
        }
        assertThat(bits).containsExactly("a", "", "", "", "\uD83D\uDE00", "b");
    }

    @Test
    void bytesThatAreNoCharacterAreNotWaitedForForEver() {
        RunText text = new RunText(new Bytes());
        List<DecodedToken> tokens = new ArrayList<>();
        List<String> bits = new ArrayList<>();
        for (int token : new int[] {'a', 0xFF, 0xFF, 0xFF, 0xFF, 'b'}) {
            tokens.add(token(token));
            bits.add(text.next(tokens));
        }
        assertThat(bits).containsExactly("a", "", "", "", "\uFFFD\uFFFD\uFFFD\uFFFD", "b");
    }

    private static DecodedToken token(int id) {
        return DecodedToken.drawn(new TokenStats(id, 1, -1, 1, 1, 1, 0), 0);
    }

    /** Each token is a byte of UTF-8. */
    private static final class Bytes extends NumberWords {

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
