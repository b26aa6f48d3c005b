package io.edistream.generator.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of one command.
 *
 * @param received the command and when it arrived
 * @param kind what became of it
 * @param appliedAtToken APPLIED: tokens that the sequence had; SHADOW: tokens that it would have had; otherwise null
 * @param settledAtMicros when that was settled, microseconds since 1970-01-01 UTC
 * @param children numbers of the sequences that were started
 * @param detail one sentence for people if it was not applied: why
 */
public record ControlOutcome(
        ReceivedCommand received,
        OutcomeKind kind,
        @Nullable Integer appliedAtToken,
        long settledAtMicros,
        List<Long> children,
        String detail) {

    /** Copies the children. */
    public ControlOutcome {
        children = List.copyOf(children);
    }
}
