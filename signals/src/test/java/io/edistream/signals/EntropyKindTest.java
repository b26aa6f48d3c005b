package io.edistream.signals;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edistream.signals.EntropyKind.Distribution;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EntropyKindTest {

    @ParameterizedTest
    @CsvSource({
        "raw-exact, RAW, true, 0",
        "tempered-exact, TEMPERED, true, 0",
        "processed-bounded-1, PROCESSED, false, 1",
        "raw-bounded-20, RAW, false, 20",
        "tempered-bounded-999999, TEMPERED, false, 999999"
    })
    void isReadAsItIsWritten(String text, Distribution distribution, boolean exact, int alternatives) {
        EntropyKind kind = new EntropyKind(distribution, exact, alternatives);
        assertThat(EntropyKind.parse(text)).isEqualTo(kind).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "raw",
                "raw-",
                "RAW-exact",
                "raw-exact-20",
                "raw-bounded",
                "raw-bounded-0",
                "raw-bounded-020",
                "raw-bounded--1",
                "raw-bounded-1000000",
                "unknown-exact",
                " raw-exact"
            })
    void anythingElseIsRefusedWithWhatIsAllowed(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EntropyKind.parse(text))
                .withMessageStartingWith("kind of entropy '" + text + "': must be raw, tempered or processed")
                .withMessageContaining("raw-bounded-20");
    }

    @Test
    void alternativesGoWithBoundedEntropiesAlone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new EntropyKind(Distribution.RAW, true, 1))
                .withMessage("1 alternatives of an exact entropy: must be 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new EntropyKind(Distribution.RAW, false, -1))
                .withMessage("-1 alternatives of a bounded entropy: must be at least 0");
        assertThat(new EntropyKind(Distribution.UNKNOWN, false, 0)).hasToString("unknown-bounded-0");
    }
}
