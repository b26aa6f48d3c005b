package io.edistream.sequences.control;

import io.edistream.sequences.Effect;
import io.edistream.sequences.RefusalReason;
import io.edistream.sequences.SequenceNames;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of one command.
 *
 * @param received the command and when it arrived
 * @param names by what names this generator knows the sequence
 * @param kind what became of it
 * @param refusal {@link OutcomeKind#REFUSED}: why; otherwise null
 * @param effect APPLIED: how far it went; otherwise null
 * @param appliedAtToken APPLIED: tokens that the sequence had; SHADOW: tokens that it would have had; otherwise null
 * @param settledAtMicros when that was settled, microseconds since 1970-01-01 UTC
 * @param started numbers of the sequences that were started
 * @param continuedBy REROUTE: number of the sequence that goes on; null if there is none
 * @param count commands that it stands for, at least 1; the rest then is that of the last one
 * @param detail one sentence for people: why it was not applied, or not as far as one would think; empty if it was
 */
public record ControlOutcome(
        ReceivedCommand received,
        SequenceNames names,
        OutcomeKind kind,
        @Nullable RefusalReason refusal,
        @Nullable Effect effect,
        @Nullable Integer appliedAtToken,
        long settledAtMicros,
        List<Long> started,
        @Nullable Long continuedBy,
        int count,
        String detail) {

    /** Copies the list. */
    public ControlOutcome {
        started = List.copyOf(started);
    }
}
