package io.edistream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InputTextTest {

    private static final String LINE = "{\"id\": 1, \"entropies\": [1]}\n";

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "\n", LINE, "\ufeff" + LINE})
    void whatIsPlainComesAsItIsAndWhatIsPackedUnpacked(String text) throws IOException {
        byte[] plain = text.getBytes(StandardCharsets.UTF_8);
        assertThat(InputText.of(pipe(plain)).readAllBytes()).isEqualTo(plain);
        assertThat(InputText.of(pipe(packed(plain))).readAllBytes()).isEqualTo(plain);
    }

    /** A pipe says that nothing is available, which Java's own reader takes for the end between two members. */
    @Test
    void aFileOfSeveralMembersIsReadToItsEnd() throws IOException {
        ByteArrayOutputStream members = new ByteArrayOutputStream();
        for (String text : new String[] {"one\n", "two\n", "three\n"}) {
            members.write(packed(text.getBytes(StandardCharsets.UTF_8)));
        }
        assertThat(InputText.of(pipe(members.toByteArray())).readAllBytes())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("one\ntwo\nthree\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-16BE", "x-UTF-16LE-BOM", "UTF-32", "UTF-32LE", "UTF-32BE"})
    void widerEncodingsAreRefused(String encoding) throws IOException {
        byte[] bytes = LINE.getBytes(Charset.forName(encoding));
        assertThatThrownBy(() -> InputText.of(pipe(bytes)))
                .isInstanceOf(UnusableInputException.class)
                .hasMessage("looks like UTF-16 or UTF-32: must be UTF-8");
        assertThatThrownBy(() -> InputText.of(pipe(packed(bytes)))).isInstanceOf(UnusableInputException.class);
    }

    @Test
    void whatOnlyBeginsLikeGzipIsRefused() throws IOException {
        byte[] wrongMethod = {0x1f, (byte) 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
        byte[] cutInTheHeader = {0x1f, (byte) 0x8b, 8, 0};
        byte[] noData = packed(new byte[100]);
        noData[10] = (byte) 0xff;
        for (byte[] bytes : new byte[][] {wrongMethod, cutInTheHeader, noData}) {
            assertThatThrownBy(() -> InputText.of(pipe(bytes)))
                    .isInstanceOf(UnusableInputException.class)
                    .hasMessageStartingWith("is no gzip file though it begins like one: ");
        }
    }

    private static byte[] packed(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        }
        return packed.toByteArray();
    }

    /** Gives one byte at a time and says that it has none. */
    private static InputStream pipe(byte[] bytes) {
        return new FilterInputStream(new ByteArrayInputStream(bytes)) {
            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return super.read(into, offset, Math.min(length, 1));
            }

            @Override
            public int available() {
                return 0;
            }

            @Override
            public boolean markSupported() {
                return false;
            }
        };
    }
}
