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
import java.util.function.Consumer;

/** Commands of nobody's job that end streams, or move them. */
final class Aborts {

    private static final RecordCodec<Command> CODEC = RecordCodec.of(Command.class);

    private Aborts() {}

    /**
     * Ends a stream.
     *
     * @param sequence the stream's, as the gateway names it: the source in hexadecimal, a dash, a number
     */
    static void send(Sender sender, String sequence) {
        send(sender, sequence, command -> command.setAction(Action.ABORT));
    }

    /**
     * Lets a stream go on elsewhere.
     *
     * @param sequence the stream's, as the gateway names it
     */
    static void reroute(Sender sender, String sequence, String route) {
        send(sender, sequence, command -> {
            command.setAction(Action.REROUTE);
            command.setTargetRoute(route);
        });
    }

    private static void send(Sender sender, String sequence, Consumer<Command> what) {
        String[] name = sequence.split("-", -1);
        long generator = Long.parseUnsignedLong(name[0], 16);
        Command command = command(generator, Long.parseLong(name[1]));
        what.accept(command);
        sender.send(Topics.DEFAULT.control(), Ids.generatorKey(generator), CODEC.encode(command));
    }

    private static Command command(long generator, long counter) {
        Command command = new Command();
        command.setCommandId(new CommandId(Ids.sequenceKey(generator, counter)));
        command.setSequence(Ids.sequenceId(generator, counter));
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
