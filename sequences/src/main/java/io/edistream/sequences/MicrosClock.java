package io.edistream.sequences;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** A clock for moments and ages. A port, so that tests decide what time it is. */
@FunctionalInterface
public interface MicrosClock {

    /** Microseconds since 1970-01-01 UTC. */
    long micros();

    /**
     * The time of this machine now, and from now on as much later as really passed: whoever sets the machine's clock
     * changes no age.
     */
    static MicrosClock system() {
        return steady(ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()), System::nanoTime);
    }

    /**
     * A clock that runs by another.
     *
     * @param nowMicros what it shows now, microseconds since 1970-01-01 UTC
     * @param nanoClock nanoseconds since any moment, never going back
     */
    static MicrosClock steady(long nowMicros, LongSupplier nanoClock) {
        long begunNanos = nanoClock.getAsLong();
        return () -> nowMicros + TimeUnit.NANOSECONDS.toMicros(nanoClock.getAsLong() - begunNanos);
    }
}
