package io.edistream.benchmarks.gateway;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The time in the text of an event. All processes read the clock of one machine. */
final class Stamp {

    /** In front of the digits, and nowhere else behind the member's name. */
    static final byte MARK = '@';

    static final int DIGITS = 16;

    private Stamp() {}

    /** Microseconds since 1970-01-01 UTC. */
    static long micros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }

    /** A text with the time in it. */
    static String now() {
        return (char) MARK + Long.toString(micros());
    }
}
