package io.edistream.signals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link StateOutput} writes, {@link StateInput} reads; what it cannot have written is damage. */
class StateStreamsTest {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final StateOutput out = new StateOutput(new DataOutputStream(bytes));

    private StateInput in() {
        return in(bytes.toByteArray());
    }

    private static StateInput in(byte[] stored) {
        return new StateInput(new DataInputStream(new ByteArrayInputStream(stored)));
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "127, 1", "128, 2", "16383, 2", "16384, 3", "2147483647, 5"})
    void countsTakeSevenBitsAByte(int count, int size) throws IOException {
        out.writeCount(count);
        assertThat(bytes.size()).isEqualTo(size);
        assertThat(in().readCount()).isEqualTo(count);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1",
        "-1, 1",
        "63, 1",
        "-64, 1",
        "64, 2",
        "-65, 2",
        "9223372036854775807, 10",
        "-9223372036854775808, 10"
    })
    void numbersNearZeroAreShort(long value, int size) throws IOException {
        out.writeLong(value);
        assertThat(bytes.size()).isEqualTo(size);
        assertThat(in().readLong()).isEqualTo(value);
    }

    @Test
    void randomNumbersAreReadAsTheyWereWritten() throws IOException {
        Random random = new Random(5);
        for (int i = 0; i < 10_000; i++) {
            bytes.reset();
            long value = random.nextLong() >> random.nextInt(64);
            int count = random.nextInt() >>> (1 + random.nextInt(31));
            out.writeLong(value);
            out.writeBits(value);
            out.writeCount(count);
            StateInput in = in();
            assertThat(in.readLong()).isEqualTo(value);
            assertThat(in.readBits()).isEqualTo(value);
            assertThat(in.readCount()).isEqualTo(count);
        }
    }

    @Test
    void textsAndMeasurementsAreReadAsTheyWereWritten() throws IOException {
        out.writeText("");
        out.writeText("Grüße, 世界 \uD83D\uDE00");
        out.writeFloat(0.1f);
        out.writeFloat(Double.NaN);
        out.writeDouble(0.1);
        StateInput in = in();
        assertThat(in.readText()).isEmpty();
        assertThat(in.readText()).isEqualTo("Grüße, 世界 \uD83D\uDE00");
        assertThat(in.readFloat()).isEqualTo((double) 0.1f);
        assertThat(in.readFloat()).isNaN();
        assertThat(in.readDouble()).isEqualTo(0.1);
    }

    @Test
    void whatCannotBeStoredIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> out.writeCount(-1))
                .withMessage("count -1: must not be negative");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> out.writeFloat(0.1))
                .withMessageContaining("32-bit precision");
        assertThat(bytes.size()).isZero();
    }

    @Test
    void aTextAsLongAsTheBoundCanBeReadAndALongerOneIsNotWritten() throws IOException {
        out.writeText("a".repeat(StateOutput.MAX_TEXT_BYTES));
        assertThat(in().readText()).hasSize(StateOutput.MAX_TEXT_BYTES);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> out.writeText("é".repeat(StateOutput.MAX_TEXT_BYTES / 2) + "a"))
                .withMessageContaining("65537 bytes: must be at most 65536");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ffffffff08", "ffffffff10", "ffffffff7f", "ffffffffff01"})
    void aCountBeyondItsTypeIsDamage(String hex) {
        assertThatThrownBy(() -> in(HexFormat.of().parseHex(hex)).readCount())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged: a count is out of range");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ffffffffffffffffff02", "ffffffffffffffffff7f", "ffffffffffffffffffff01"})
    void aNumberBeyondItsTypeIsDamage(String hex) {
        assertThatThrownBy(() -> in(HexFormat.of().parseHex(hex)).readLong())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged: a number is out of range");
    }

    @Test
    void aTextOfAClaimedLengthIsNotBelieved() throws IOException {
        out.writeCount(StateOutput.MAX_TEXT_BYTES + 1);
        assertThatThrownBy(() -> in().readText())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged: a text of 65537 bytes");
        bytes.reset();
        out.writeCount(5);
        assertThatThrownBy(() -> in().readText()).isInstanceOf(IOException.class);
    }
}
