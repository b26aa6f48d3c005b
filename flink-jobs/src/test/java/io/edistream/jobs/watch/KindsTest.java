package io.edistream.jobs.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edistream.schemas.Distribution;
import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.Measurement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KindsTest {

    @ParameterizedTest
    @EnumSource(Distribution.class)
    void everyKindOfTheContractIsOneOfTheSignalsAndBack(Distribution distribution) {
        EntropyKind exact = new EntropyKind(distribution, Measurement.EXACT, 0);
        EntropyKind bounded = new EntropyKind(distribution, Measurement.BOUNDED, 20);
        assertThat(Kinds.of(exact).exact()).isTrue();
        assertThat(Kinds.of(bounded).exact()).isFalse();
        assertThat(Kinds.of(bounded).alternatives()).isEqualTo(20);
        assertThat(Kinds.of(bounded).distribution().name()).isEqualTo(distribution.name());
        assertThat(Kinds.record(Kinds.of(exact))).isEqualTo(exact);
        assertThat(Kinds.record(Kinds.of(bounded))).isEqualTo(bounded);
    }

    @ParameterizedTest
    @EnumSource(io.edistream.signals.EntropyKind.Distribution.class)
    void everyKindOfTheSignalsIsOneOfTheContract(io.edistream.signals.EntropyKind.Distribution distribution) {
        var kind = new io.edistream.signals.EntropyKind(distribution, false, 5);
        assertThat(Kinds.of(Kinds.record(kind))).isEqualTo(kind);
    }

    @Test
    void whatIsNotSaidIsTakenForBounded() {
        assertThat(Kinds.of(new EntropyKind(Distribution.RAW, Measurement.UNKNOWN, 0)))
                .isEqualTo(new io.edistream.signals.EntropyKind(
                        io.edistream.signals.EntropyKind.Distribution.RAW, false, 0));
    }

    @Test
    void kindsThatSourcesMakeUpAreRightThoughNotKept() {
        for (int alternatives = 1; alternatives <= 5_000; alternatives++) {
            EntropyKind record = new EntropyKind(Distribution.RAW, Measurement.BOUNDED, alternatives);
            assertThat(Kinds.record(Kinds.of(record))).isEqualTo(record);
        }
    }

    @Test
    void impossibleAlternativesAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Kinds.of(new EntropyKind(Distribution.RAW, Measurement.EXACT, 1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Kinds.of(new EntropyKind(Distribution.RAW, Measurement.BOUNDED, -1)));
    }
}
