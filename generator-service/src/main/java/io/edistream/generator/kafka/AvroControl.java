package io.edistream.generator.kafka;

import io.edistream.generator.control.ControlAction;
import io.edistream.generator.control.ControlCommand;
import io.edistream.generator.control.ControlOutcome;
import io.edistream.schemas.Action;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandId;
import io.edistream.schemas.CommandMode;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.Ids;
import io.edistream.schemas.OutcomeKind;
import java.nio.ByteBuffer;
import java.util.UUID;

/** Commands from and outcomes to Avro records. */
final class AvroControl {

    private AvroControl() {}

    static ControlCommand command(Command from) {
        return new ControlCommand(
                uuid(from.getCommandId()),
                Ids.counter(from.getSequence()),
                ControlAction.valueOf(from.getAction().name()),
                from.getMode() == CommandMode.ARMED,
                from.getRule(),
                from.getDecidedAtToken(),
                from.getDecodedAtMicros(),
                from.getBranchAtToken(),
                from.getBranchWidth(),
                from.getMaxLeaves(),
                from.getSpareLast());
    }

    static CommandOutcome outcome(ControlOutcome from, long generator) {
        ControlCommand command = from.received().command();
        CommandOutcome to = new CommandOutcome();
        to.setCommandId(commandId(command.id()));
        to.setSequence(Ids.sequenceId(generator, command.sequence()));
        to.setAction(Action.valueOf(command.action().name()));
        to.setRule(command.rule());
        to.setKind(OutcomeKind.valueOf(from.kind().name()));
        to.setDecidedAtToken(command.decidedAtToken());
        to.setAppliedAtToken(from.appliedAtToken());
        to.setDecidedTokenAtMicros(command.decodedAtMicros());
        to.setReceivedAtMicros(from.received().receivedAtMicros());
        to.setAppliedAtMicros(from.settledAtMicros());
        to.setChildren(from.children());
        to.setDetail(from.detail());
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
