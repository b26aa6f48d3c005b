package io.edistream.sequences.control;

import io.edistream.sequences.control.ControlCommand.Arguments;
import io.edistream.sequences.control.ControlCommand.Cause;
import io.edistream.sequences.control.ControlCommand.Timing;
import java.util.UUID;

/** Commands for tests. */
public final class Commands {

    private static final Cause CAUSE = new Cause("rule-1", 3, "reasoner-s", "default", "mine", "too high");

    private Commands() {}

    /** An armed command that was sent as soon as it was decided. */
    public static ControlCommand armed(
            UUID id,
            long sequence,
            ControlAction action,
            int decidedAtToken,
            long decodedAtMicros,
            Arguments arguments) {
        return new ControlCommand(
                id,
                sequence,
                action,
                true,
                CAUSE,
                new Timing(decidedAtToken, decodedAtMicros, decidedAtToken, decodedAtMicros, 0),
                arguments);
    }

    /** The same in shadow. */
    public static ControlCommand unarmed(ControlCommand of) {
        return new ControlCommand(of.id(), of.sequence(), of.action(), false, of.cause(), of.timing(), of.arguments());
    }

    /** The same with other times. */
    public static ControlCommand timed(ControlCommand of, Timing timing) {
        return new ControlCommand(of.id(), of.sequence(), of.action(), of.armed(), of.cause(), timing, of.arguments());
    }

    /** The same with other arguments. */
    public static ControlCommand with(ControlCommand of, Arguments arguments) {
        return new ControlCommand(of.id(), of.sequence(), of.action(), of.armed(), of.cause(), of.timing(), arguments);
    }
}
