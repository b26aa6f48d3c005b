package io.edistream.sequences.kafka;

import io.edistream.schemas.Action;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandId;
import io.edistream.schemas.CommandMode;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.Effect;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RefusalReason;
import io.edistream.schemas.Sampling;
import io.edistream.sequences.SamplingChange;
import io.edistream.sequences.control.ControlAction;
import io.edistream.sequences.control.ControlCommand;
import io.edistream.sequences.control.ControlCommand.Arguments;
import io.edistream.sequences.control.ControlCommand.Cause;
import io.edistream.sequences.control.ControlCommand.Timing;
import io.edistream.sequences.control.ControlOutcome;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Commands from and outcomes to Avro records. */
final class AvroControl {

    private AvroControl() {}

    static ControlCommand command(Command from) {
        return new ControlCommand(
                uuid(from.getCommandId()),
                Ids.counter(from.getSequence()),
                ControlAction.valueOf(from.getAction().name()),
                from.getMode() == CommandMode.ARMED,
                new Cause(
                        from.getRule(),
                        from.getRevision(),
                        from.getModel(),
                        from.getRoute(),
                        from.getRequest(),
                        from.getReason()),
                new Timing(
                        from.getDecidedAtToken(),
                        from.getDecodedAtMicros(),
                        from.getSentAtToken(),
                        from.getSentTokenAtMicros(),
                        from.getTimeToLiveMillis()),
                new Arguments(
                        from.getSpareLast(),
                        from.getBranchAtToken(),
                        from.getBranchWidth(),
                        from.getMaxLeaves(),
                        from.getSamples(),
                        from.getTargetRoute(),
                        from.getFromPrompt(),
                        sampling(from.getSampling()),
                        from.getForcedText(),
                        from.getForcedIds(),
                        from.getParameters()));
    }

    private static @Nullable SamplingChange sampling(@Nullable Sampling from) {
        return from == null
                ? null
                : new SamplingChange(
                        from.getTemperature(),
                        from.getTopK(),
                        from.getTopP(),
                        from.getMinP(),
                        from.getSeed(),
                        from.getFurther());
    }

    static CommandOutcome outcome(ControlOutcome from, long generator) {
        ControlCommand command = from.received().command();
        CommandOutcome to = new CommandOutcome();
        to.setCommandId(commandId(command.id()));
        to.setSequence(Ids.sequenceId(generator, command.sequence()));
        to.setAction(Action.valueOf(command.action().name()));
        to.setMode(command.armed() ? CommandMode.ARMED : CommandMode.SHADOW);
        to.setRule(command.cause().rule());
        to.setRevision(command.cause().revision());
        to.setModel(from.names().model());
        to.setRoute(from.names().route());
        to.setRequest(from.names().request());
        to.setKind(io.edistream.schemas.OutcomeKind.valueOf(from.kind().name()));
        to.setRefusal(
                from.refusal() == null
                        ? RefusalReason.NONE
                        : RefusalReason.valueOf(from.refusal().name()));
        to.setEffect(
                from.effect() == null
                        ? Effect.NONE
                        : Effect.valueOf(from.effect().name()));
        to.setDecidedAtToken(command.timing().decidedAtToken());
        to.setAppliedAtToken(from.appliedAtToken());
        to.setDecidedTokenAtMicros(command.timing().decodedAtMicros());
        to.setReceivedAtMicros(from.received().receivedAtMicros());
        to.setAppliedAtMicros(from.settledAtMicros());
        // Commands take effect between two tokens, so that none is decoded in vain.
        to.setTokensDiscarded(0);
        to.setContinuedBy(from.continuedBy());
        to.setStarted(from.started());
        to.setCount(from.count());
        to.setDetail(from.detail());
        to.setTraceContext(from.names().traceContext());
        return to;
    }

    private static UUID uuid(CommandId id) {
        ByteBuffer bytes = ByteBuffer.wrap(id.bytes());
        return new UUID(bytes.getLong(), bytes.getLong());
    }

    private static CommandId commandId(UUID id) {
        return new CommandId(ByteBuffer.allocate(Ids.COMMAND_BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array());
    }
}
