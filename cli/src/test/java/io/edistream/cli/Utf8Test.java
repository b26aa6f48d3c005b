package io.edistream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Utf8Test {

    @ParameterizedTest
    @CsvSource({
        "61, -1",
        "c3a9, -1",
        "e282ac, -1",
        "f09f9982, -1",
        "f48fbfbf, -1",
        // A byte that continues nothing, and characters that are cut.
        "6180, 1",
        "c3, 0",
        "e282, 0",
        "f09f99, 0",
        "f09f5f, 0",
        // Overlong forms of / and NUL, halves of surrogate pairs, and what is above U+10FFFF.
        "c0af, 0",
        "c080, 0",
        "e080af, 0",
        "f08080af, 0",
        "eda080, 0",
        "edbfbf, 0",
        "f4908080, 0",
        "f5808080, 0",
        "ff, 0",
        // Behind more than eight bytes of ASCII.
        "616161616161616161ff, 9",
        "61616161616161616161c3a9, -1"
    })
    void firstBadByte(String hexadecimal, int expected) {
        byte[] bytes = HexFormat.of().parseHex(hexadecimal);
        assertThat(Utf8.firstBad(bytes, 0, bytes.length)).isEqualTo(expected);
    }

    /** Java's own decoder must agree on what is well-formed. */
    @Test
    void agreesWithAnotherDecoder() {
        Random random = new Random(7);
        int good = 0;
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = randomBytes(random);
            boolean wellFormed = decodes(bytes);
            good += wellFormed ? 1 : 0;
            assertThat(Utf8.firstBad(bytes, 0, bytes.length) < 0)
                    .as(() -> HexFormat.of().formatHex(bytes))
                    .isEqualTo(wellFormed);
        }
        assertThat(good).isBetween(10_000, 190_000);
    }

    /** A character, of which one byte is often changed to a value near a limit. */
    private static byte[] randomBytes(Random random) {
        int point = random.nextInt(Character.MAX_CODE_POINT + 1) >> random.nextInt(20);
        byte[] bytes = Character.toString(point).getBytes(StandardCharsets.UTF_8);
        if (random.nextBoolean()) {
            int[] limits = {
                0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4,
                0xf5, 0xff
            };
            bytes[random.nextInt(bytes.length)] = (byte) limits[random.nextInt(limits.length)];
        }
        return bytes;
    }

    private static boolean decodes(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
