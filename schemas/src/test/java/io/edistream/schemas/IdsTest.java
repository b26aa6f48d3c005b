package io.edistream.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdsTest {

    @ParameterizedTest
    @ValueSource(longs = {0, 1, -1, 0x0123456789ABCDEFL, Long.MIN_VALUE, Long.MAX_VALUE})
    void numbersComeBackAsTheyWere(long number) {
        assertThat(Ids.generator(Ids.generatorId(number))).isEqualTo(number);

        SequenceId sequence = Ids.sequenceId(number, ~number);
        assertThat(Ids.generator(sequence)).isEqualTo(number);
        assertThat(Ids.counter(sequence)).isEqualTo(~number);
    }

    @Test
    void theFirstByteIsTheHighestOne() {
        assertThat(Ids.generatorKey(0x0102030405060708L)).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
        assertThat(Ids.sequenceKey(0x0102030405060708L, 9))
                .containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 9)
                .isEqualTo(Ids.sequenceId(0x0102030405060708L, 9).bytes());
    }

    @Test
    void theSizesAreThoseOfTheSchemas() {
        assertThat(GeneratorId.getClassSchema().getFixedSize()).isEqualTo(Ids.GENERATOR_BYTES);
        assertThat(SequenceId.getClassSchema().getFixedSize()).isEqualTo(Ids.SEQUENCE_BYTES);
        assertThat(CommandId.getClassSchema().getFixedSize()).isEqualTo(Ids.COMMAND_BYTES);
    }

    @Test
    void textIsForPeople() {
        assertThat(Ids.text(Ids.sequenceId(0xABL, 42))).isEqualTo("00000000000000ab-42");
        assertThat(Ids.text(-1, 0)).isEqualTo("ffffffffffffffff-0");
        String command = "00112233445566778899aabbccddeeff";
        assertThat(Ids.text(new CommandId(HexFormat.of().parseHex(command)))).isEqualTo(command);
    }
}
