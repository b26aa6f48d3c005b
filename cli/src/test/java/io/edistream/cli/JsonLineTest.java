package io.edistream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class JsonLineTest {

    private final List<String> handled = new ArrayList<>();
    private final StringWriter err = new StringWriter();

    @Test
    void aByteThatIsNoUtf8CostsItsLineAndNoOther() throws IOException {
        byte[] input = "one\n\ntw_o\nthree".getBytes(StandardCharsets.UTF_8);
        input[7] = (byte) 0xff;
        assertThat(read(input)).isFalse();
        assertThat(handled).containsExactly("one", "three");
        assertThat(err).hasToString("line 3: not UTF-8: byte 0xff (at column 3)\n");
    }

    @Test
    void whatGzipHasPackedIsReadAndOfADamagedFileWhatCanBe() throws IOException {
        byte[] packed = packed("one\ntwo\n");
        assertThat(read(packed)).isTrue();
        assertThat(handled).containsExactly("one", "two");
        handled.clear();
        assertThat(read(Arrays.copyOf(packed, packed.length - 4))).isFalse();
        assertThat(handled).containsExactly("one", "two");
        assertThat(err.toString()).startsWith("the input cannot be read behind line 2: ");
    }

    @Test
    void aFileOfUtf16IsRefusedAsAWhole() throws IOException {
        assertThat(read("{}\n".getBytes(StandardCharsets.UTF_16))).isFalse();
        assertThat(handled).isEmpty();
        assertThat(err).hasToString("the input looks like UTF-16 or UTF-32: must be UTF-8\n");
    }

    @Test
    void aLineThatIsTooLongIsPassedOver() throws IOException {
        byte[] input = new byte[JsonLine.MAX_LINE_BYTES + 6];
        Arrays.fill(input, (byte) 'x');
        input[JsonLine.MAX_LINE_BYTES + 1] = '\n';
        assertThat(read(input)).isFalse();
        assertThat(handled).containsExactly("xxxx");
        assertThat(err).hasToString("line 1: too long: must have at most 16777216 bytes\n");
    }

    @Test
    void aByteOrderMarkAndWindowsEndsOfLinesAreNoMatter() throws IOException {
        assertThat(read("\ufeffone\r\n\r\ntwo\r\n".getBytes(StandardCharsets.UTF_8)))
                .isTrue();
        assertThat(handled).containsExactly("one", "two");
    }

    @Test
    void whatEndsTheHandlersWorkEndsTheReading() {
        assertThatThrownBy(() -> JsonLine.forEach(
                        new ByteArrayInputStream("one\n".getBytes(StandardCharsets.UTF_8)),
                        new PrintWriter(err),
                        line -> {
                            throw new InterruptedIOException();
                        }))
                .isInstanceOf(InterruptedIOException.class);
    }

    private boolean read(byte[] input) throws IOException {
        return JsonLine.forEach(new ByteArrayInputStream(input), new PrintWriter(err, true), handled::add);
    }

    private static byte[] packed(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }
}
