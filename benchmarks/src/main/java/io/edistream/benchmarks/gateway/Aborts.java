package io.edistream.benchmarks.gateway;

import io.edistream.benchmarks.Clients.Sender;
import io.edistream.schemas.Action;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandId;
import io.edistream.schemas.CommandMode;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.Topics;
import java.util.List;
import java.util.Map;

/** Commands of nobody's job that end streams. */
final class Aborts {

    private static final RecordCodec<Command> CODEC = RecordCodec.of(Command.class);

    private Aborts() {}

    /**
     * Sends one.
     *
     * @param sequence the stream's, as the gateway names it: the source in hexadecimal, a dash, a number
     */
    static void send(Sender sender, String sequence) {
        String[] name = sequence.split("-", -1);
        long generator = Long.parseUnsignedLong(name[0], 16);
        sender.send(
                Topics.DEFAULT.control(),
                Ids.generatorKey(generator),
                CODEC.encode(abort(generator, Long.parseLong(name[1]))));
    }

    private static Command abort(long generator, long counter) {
        Command command = new Command();
        command.setCommandId(new CommandId(Ids.sequenceKey(generator, counter)));
        command.setSequence(Ids.sequenceId(generator, counter));
        command.setAction(Action.ABORT);
        command.setMode(CommandMode.ARMED);
        command.setRule("benchmark");
        command.setRevision(1);
        command.setModel("m");
        command.setRoute("m");
        command.setDecidedAtToken(0);
        command.setDecodedAtMicros(Stamp.micros());
        command.setSentAtToken(0);
        command.setSentTokenAtMicros(Stamp.micros());
        command.setReason("the benchmark says so");
        command.setSpareLast(false);
        command.setForcedIds(List.of());
        command.setParameters(Map.of());
        return command;
    }
}
