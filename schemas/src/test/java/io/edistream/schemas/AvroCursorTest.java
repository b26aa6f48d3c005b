package io.edistream.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes by Avro's specification: numbers are zigzag, seven bits a byte, the low ones first. */
class AvroCursorTest {

    private static AvroCursor over(String hex) {
        AvroCursor cursor = new AvroCursor();
        cursor.open(HexFormat.of().parseHex(hex), 0);
        return cursor;
    }

    @ParameterizedTest
    @CsvSource({
        "00, 0",
        "01, -1",
        "02, 1",
        "7f, -64",
        "8001, 64",
        "feffffff0f, 2147483647",
        "ffffffff0f, -2147483648",
        "feffffffffffffffff01, 9223372036854775807",
        "ffffffffffffffffff01, -9223372036854775808"
    })
    void numbersOfAnyLength(String hex, long expected) throws IOException {
        AvroCursor cursor = over(hex);
        assertThat(cursor.readLong()).isEqualTo(expected);
        assertThat(cursor.isAtEnd()).isTrue();
        if (expected == (int) expected) {
            assertThat(over(hex).readInt()).isEqualTo((int) expected);
        } else {
            assertThatThrownBy(() -> over(hex).readInt())
                    .isInstanceOf(IOException.class)
                    .hasMessage("the number " + expected + " where one of 32 bits must be");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "80", "ffffffffffffffffff"})
    void numbersThatEndTooSoon(String hex) {
        assertThatThrownBy(() -> over(hex).readLong())
                .isInstanceOf(IOException.class)
                .hasMessage("number of 1 bytes where 0 are left");
    }

    @Test
    void aNumberOfElevenBytes() {
        assertThatThrownBy(() -> over("8080808080808080808001").readLong())
                .isInstanceOf(IOException.class)
                .hasMessage("a number of more than ten bytes");
    }

    @Test
    void truthValues() throws IOException {
        assertThat(over("00").readBoolean()).isFalse();
        assertThat(over("01").readBoolean()).isTrue();
        assertThatThrownBy(() -> over("02").readBoolean()).hasMessage("the byte 2 where a truth value must be");
        assertThatThrownBy(() -> over("").readBoolean()).hasMessage("truth value of 1 bytes where 0 are left");
    }

    @Test
    void numbersWithAFraction() throws IOException {
        assertThat(over("0000c03f").readFloat()).isEqualTo(1.5f);
        assertThat(over("000000000000f83f").readDouble()).isEqualTo(1.5);
        assertThatThrownBy(() -> over("0000c0").readFloat()).hasMessage("number of 4 bytes where 3 are left");
        assertThatThrownBy(() -> over("000000000000f8").readDouble()).hasMessage("number of 8 bytes where 7 are left");
    }

    @Test
    void generatorIdsAreBigEndian() throws IOException {
        assertThat(over("0123456789abcdef").readBigEndianLong()).isEqualTo(0x0123_4567_89AB_CDEFL);
        assertThatThrownBy(() -> over("0123456789abcd").readBigEndianLong())
                .hasMessage("generator id of 8 bytes where 7 are left");
    }

    @Test
    void texts() throws IOException {
        assertThat(over("00").readString()).isEmpty();
        assertThat(over("06e6a2a8").readString()).isEqualTo("梨");
        AvroCursor cursor = over("06e6a2a802");
        cursor.skipString();
        assertThat(cursor.readLong()).isEqualTo(1);
        assertThatThrownBy(() -> over("08e6a2a8").readString()).hasMessage("text of 4 bytes where 3 are left");
        assertThatThrownBy(() -> over("01e6a2a8").skipString()).hasMessage("text of -1 bytes where 3 are left");
    }

    @Test
    void unionsWithNull() throws IOException {
        assertThat(over("00").readNullableLong()).isNull();
        assertThat(over("0206").readNullableLong()).isEqualTo(3);
        assertThat(over("0206").readNullableInt()).isEqualTo(3);
        assertThat(over("020261").readNullableString()).isEqualTo("a");
        assertThat(over("0201").readNullableBoolean()).isTrue();
        assertThat(over("020000c03f").readNullableFloat()).isEqualTo(1.5f);
        assertThat(over("02000000000000f83f").readNullableDouble()).isEqualTo(1.5);
        assertThatThrownBy(() -> over("04").readPresent()).hasMessage("branch 2 of a union of two");
        assertThatThrownBy(() -> over("01").readPresent()).hasMessage("branch -1 of a union of two");
    }

    @Test
    void symbols() throws IOException {
        assertThat(over("00").readSymbol(Measurement.values())).isEqualTo(Measurement.UNKNOWN);
        assertThat(over("04").readSymbol(Measurement.values())).isEqualTo(Measurement.BOUNDED);
        assertThatThrownBy(() -> over("06").readSymbol(Measurement.values())).hasMessage("symbol 3 of 3");
        assertThatThrownBy(() -> over("01").readSymbol(Measurement.values())).hasMessage("symbol -1 of 3");
    }

    @Test
    void blocksHaveRoomForTheirItems() throws IOException {
        assertThat(over("00").readBlock(1)).isZero();
        assertThat(over("04aaaa").readBlock(1)).isEqualTo(2);
        assertThatThrownBy(() -> over("06aaaa").readBlock(1)).hasMessage("list of 3 items where 2 bytes are left");
        assertThat(over("04" + "aa".repeat(8)).readBlock(Float.BYTES)).isEqualTo(2);
        assertThatThrownBy(() -> over("04" + "aa".repeat(7)).readBlock(Float.BYTES))
                .hasMessage("list of 2 items where 7 bytes are left");
        // -2 items, 2 bytes.
        assertThat(over("0304aaaa").readBlock(1)).isEqualTo(2);
        assertThatThrownBy(() -> over("0306aaaa").readBlock(1)).hasMessage("block of 3 bytes where 2 are left");
        assertThatThrownBy(() -> over("0301aaaa").readBlock(1)).hasMessage("block of -1 bytes where 2 are left");
        assertThatThrownBy(() -> over("ffffffffffffffffff0100").readBlock(1))
                .hasMessage("list of -9223372036854775808 items where 0 bytes are left");
    }

    @Test
    void aCursorBeginsWhereItIsTold() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
        encoder.writeInt(1);
        encoder.writeInt(2);
        AvroCursor cursor = new AvroCursor();
        cursor.open(bytes.toByteArray(), 1);

        assertThat(cursor.readInt()).isEqualTo(2);
        assertThat(cursor.isAtEnd()).isTrue();
    }
}
