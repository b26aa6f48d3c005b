package io.edistream.generator.sequence;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Wall-clock time. A port, so that tests decide what time it is. */
@FunctionalInterface
public interface MicrosClock {

    /** Microseconds since 1970-01-01 UTC. */
    long micros();

    /** The clock of this machine. */
    static MicrosClock system() {
        return () -> ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }
}
