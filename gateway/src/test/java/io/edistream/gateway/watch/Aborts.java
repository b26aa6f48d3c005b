package io.edistream.gateway.watch;

import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.control.ControlAction;
import io.edistream.sequences.control.ControlCommand;
import io.edistream.sequences.control.ControlCommand.Arguments;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Commands of a rule that ends an answer, or moves it. */
public final class Aborts {

    private Aborts() {}

    /** One that was decided just now. */
    public static ControlCommand of(long sequence, int atToken) {
        return of(sequence, atToken, false);
    }

    /** One that leaves the last sequence of a group alone. */
    static ControlCommand sparingLast(long sequence, int atToken) {
        return of(sequence, atToken, true);
    }

    /** One that moves an answer to another route. */
    public static ControlCommand reroute(long sequence, int atToken, String route) {
        return of(sequence, atToken, ControlAction.REROUTE, Arguments.reroute(route, false));
    }

    /** One that lets it begin again on another route. */
    public static ControlCommand rerouteFromPrompt(long sequence, int atToken, String route) {
        return of(sequence, atToken, ControlAction.REROUTE, Arguments.reroute(route, true));
    }

    /**
     * One that ends an answer's reasoning.
     *
     * @param text to force; null for the source's own
     */
    public static ControlCommand conclude(long sequence, int atToken, @Nullable String text) {
        Arguments arguments = new Arguments(true, null, 0, 0, 0, null, false, null, text, List.of(), Map.of());
        return of(sequence, atToken, ControlAction.CONCLUDE, arguments);
    }

    /** The same command, only to be reported. */
    public static ControlCommand inShadow(ControlCommand command) {
        return new ControlCommand(
                command.id(),
                command.sequence(),
                command.action(),
                false,
                command.cause(),
                command.timing(),
                command.arguments());
    }

    /** The same decision with another action. */
    public static ControlCommand instead(ControlAction action, long sequence) {
        ControlCommand abort = of(sequence, 0);
        return new ControlCommand(abort.id(), sequence, action, true, abort.cause(), abort.timing(), abort.arguments());
    }

    private static ControlCommand of(long sequence, int atToken, boolean spareLast) {
        return of(sequence, atToken, ControlAction.ABORT, Arguments.abort(spareLast));
    }

    private static ControlCommand of(long sequence, int atToken, ControlAction action, Arguments arguments) {
        long now = MicrosClock.system().micros();
        return new ControlCommand(
                new UUID(sequence, atToken),
                sequence,
                action,
                true,
                new ControlCommand.Cause("rule-1", 1, "m", "r", null, "too high"),
                new ControlCommand.Timing(atToken, now, atToken, now, 0),
                arguments);
    }
}
