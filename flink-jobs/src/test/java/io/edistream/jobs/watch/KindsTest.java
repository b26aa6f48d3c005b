package io.edistream.jobs.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.schemas.Distribution;
import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.Measurement;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KindsTest {

    @Test
    void aKindOfWhichTheMeasurementIsNotSaidIsBounded() {
        assertThat(Kinds.of(new EntropyKind(Distribution.RAW, Measurement.UNKNOWN, 20)))
                .isEqualTo(io.edistream.signals.EntropyKind.parse("raw-bounded-20"));
        assertThat(Kinds.of(new EntropyKind(Distribution.RAW, Measurement.EXACT, 0)))
                .isEqualTo(io.edistream.signals.EntropyKind.RAW_EXACT);
    }

    /** Sources name what kinds they like; memory must not grow with that. */
    @Test
    void aFewKindsAreKeptAndAllAreRight() {
        int kinds = 2_000;
        Set<EntropyKind> made = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int alternatives = 1; alternatives <= kinds; alternatives++) {
            var kind = new io.edistream.signals.EntropyKind(
                    io.edistream.signals.EntropyKind.Distribution.RAW, false, alternatives);
            EntropyKind record = Kinds.record(kind);
            assertThat(record).isEqualTo(new EntropyKind(Distribution.RAW, Measurement.BOUNDED, alternatives));
            made.add(record);
            made.add(Kinds.record(kind));
        }
        // Other tests of this JVM may have made some.
        assertThat(2 * kinds - made.size()).isBetween(900, 1_000);
    }
}
