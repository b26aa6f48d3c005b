package io.edistream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteLinesTest {

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "'', none",
                "a, 1:a",
                "'a\n', 1:a",
                "'a\nb', 1:a|2:b",
                "'\n\nb\n', 1:|2:|3:b",
                "'a\r\nb', '1:a\r|2:b'"
            })
    void endAtLineFeedsAndAtTheEnd(String text, String lines) throws IOException {
        assertThat(String.join("|", lines(text, 100, 100))).isEqualTo(lines == null ? "" : lines);
    }

    /** Whatever the lengths of the lines and of what the stream gives at a time, by another reader of lines. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void areWholeHoweverTheyArrive(long seed) throws IOException {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            text.append("x".repeat(random.nextInt(i % 50 == 0 ? 200_000 : 100)))
                    .append(i)
                    .append('\n');
        }
        List<String> expected = text.toString().lines().toList();

        List<String> lines = lines(text.toString(), 1 << 20, 1 + random.nextInt(100_000));

        assertThat(lines).hasSize(200);
        for (int i = 0; i < 200; i++) {
            assertThat(lines.get(i)).isEqualTo((i + 1) + ":" + expected.get(i));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 1000})
    void thatAreTooLongArePassedOver(int atATime) throws IOException {
        String text = "12345\n123456\n" + "1".repeat(1000) + "\n12345\n123456";
        assertThat(lines(text, 5, atATime))
                .containsExactly("1:12345", "2 too long", "3 too long", "4:12345", "5 too long");
    }

    @Test
    void beforeAFailureAreGivenAndABrokenOneIsNot() throws IOException {
        InputStream failing =
                new FilterInputStream(new ByteArrayInputStream("a\nb\nc".getBytes(StandardCharsets.UTF_8))) {
                    @Override
                    public int read(byte[] bytes, int offset, int length) throws IOException {
                        int read = super.read(bytes, offset, length);
                        if (read < 0) {
                            throw new IOException("cut");
                        }
                        return read;
                    }
                };
        ByteLines lines = new ByteLines(failing, 100);
        assertThat(lines.next()).isTrue();
        assertThat(lines.next()).isTrue();
        assertThatThrownBy(lines::next).isInstanceOf(IOException.class).hasMessage("cut");
        assertThat(lines.number()).isEqualTo(2);
    }

    private static List<String> lines(String text, int maxLineBytes, int atATime) throws IOException {
        InputStream in = new FilterInputStream(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8))) {
            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                return super.read(bytes, offset, Math.min(length, atATime));
            }
        };
        ByteLines lines = new ByteLines(in, maxLineBytes);
        List<String> read = new ArrayList<>();
        while (lines.next()) {
            read.add(
                    lines.tooLong()
                            ? lines.number() + " too long"
                            : lines.number() + ":"
                                    + new String(
                                            lines.bytes(),
                                            lines.from(),
                                            lines.to() - lines.from(),
                                            StandardCharsets.UTF_8));
        }
        return read;
    }
}
