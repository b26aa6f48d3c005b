package io.edistream.jobs.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edistream.schemas.Distribution;
import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.Measurement;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
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
    void aFewOfTheKindsThatSourcesMakeUpAreKeptAndAllAreRight() {
        int kinds = 5_000;
        Set<EntropyKind> made = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int alternatives = 1; alternatives <= kinds; alternatives++) {
            EntropyKind record = new EntropyKind(Distribution.RAW, Measurement.BOUNDED, alternatives);
            EntropyKind first = Kinds.record(Kinds.of(record));
            assertThat(first).isEqualTo(record);
            made.add(first);
            made.add(Kinds.record(Kinds.of(record)));
        }
        // One that is kept is made once. Other tests of this JVM may have made some of the 1,000.
        assertThat(2 * kinds - made.size()).isBetween(900, 1_000);
    }

    @Test
    void impossibleAlternativesAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Kinds.of(new EntropyKind(Distribution.RAW, Measurement.EXACT, 1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Kinds.of(new EntropyKind(Distribution.RAW, Measurement.BOUNDED, -1)));
    }
}
