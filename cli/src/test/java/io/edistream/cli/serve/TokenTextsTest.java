package io.edistream.cli.serve;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.gateway.engine.TokenText;
import io.edistream.generator.decode.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokenTextsTest {

    /** As byte-level vocabularies write the bytes e2, 82 ac, and a blank with an a. */
    @Test
    void halvesOfCharactersHaveTheirBytes() {
        TokenTexts texts = new TokenTexts(new Words(
                List.of("\u00e2", "\u0124\u00ac", "\u0120a"),
                List.of(new byte[] {(byte) 0xe2}, new byte[] {(byte) 0x82, (byte) 0xac}, " a".getBytes(UTF_8)),
                false));
        assertThat(texts.of(0).bytes()).containsExactly(0xe2);
        assertThat(texts.of(1).bytes()).containsExactly(0x82, 0xac);
        assertThat(texts.of(0).text()).isEqualTo("\uFFFD");
        assertThat(texts.of(2)).isEqualTo(TokenText.of(" a"));
    }

    @Test
    void aBlankThatIsLostAtTheBeginningIsPartOfTheToken() {
        TokenTexts texts = new TokenTexts(
                new Words(List.of("\u2581a", "<0xE2>"), List.of(" a".getBytes(UTF_8), new byte[] {(byte) 0xe2}), true));
        assertThat(texts.of(0)).isEqualTo(TokenText.of(" a"));
        assertThat(texts.of(1).bytes()).containsExactly(0xe2);
    }

    /** A vocabulary whose tokens are bytes. */
    private record Words(List<String> words, List<byte[]> bytes, boolean strips) implements Tokenizer {

        @Override
        public List<Integer> encode(String text) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String decode(List<Integer> tokens) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            tokens.forEach(token -> all.writeBytes(bytes.get(token)));
            String text = all.toString(UTF_8);
            return strips && text.startsWith(" ") ? text.substring(1) : text;
        }

        @Override
        public String word(int token) {
            return words.get(token);
        }

        @Override
        public void close() {}
    }
}
