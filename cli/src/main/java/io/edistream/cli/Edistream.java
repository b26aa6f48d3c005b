package io.edistream.cli;

import io.edistream.cli.demo.DemoCommand;
import io.edistream.cli.exporter.ExporterCommand;
import io.edistream.cli.gateway.GatewayCommand;
import io.edistream.cli.generate.GenerateCommand;
import io.edistream.cli.job.JobCommand;
import io.edistream.cli.problems.ProblemsCommand;
import io.edistream.cli.score.ScoreCommand;
import io.edistream.cli.serve.ServeCommand;
import io.edistream.cli.status.StatusCommand;
import io.edistream.cli.tail.TailCommand;
import io.edistream.cli.topics.TopicsCommand;
import io.edistream.cli.watch.WatchCommand;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Properties;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code edistream} command. Exit codes: 0 done; 1 the work failed in part or whole; 2 it was asked wrongly. */
@Command(
        name = "edistream",
        description = "Watches language-model generations while they run and acts before they finish.",
        mixinStandardHelpOptions = true,
        versionProvider = Edistream.Version.class,
        subcommands = {
            DemoCommand.class,
            ScoreCommand.class,
            GenerateCommand.class,
            GatewayCommand.class,
            ServeCommand.class,
            JobCommand.class,
            TopicsCommand.class,
            TailCommand.class,
            WatchCommand.class,
            StatusCommand.class,
            ExporterCommand.class,
            ProblemsCommand.class,
            CommandLine.HelpCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:the work failed, in part or as a whole", "2:an option or argument is wrong"})
public final class Edistream implements Runnable {

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    private Edistream() {}

    /** Runs the command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        CommandLine commandLine = commandLine();
        commandLine.setOut(StandardOutput.writer());
        Interruption.exit(execute(commandLine, arguments));
    }

    /** An error that nobody catches would end this thread alone, and the others would keep the process for ever. */
    static int execute(CommandLine commandLine, String... arguments) {
        try {
            return commandLine.execute(arguments);
        } catch (OutOfMemoryError e) {
            commandLine.getErr().println(outOfMemory(e));
        } catch (Error e) {
            e.printStackTrace(commandLine.getErr());
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** The command with all its subcommands. */
    public static CommandLine commandLine() {
        return new CommandLine(new Edistream())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((failure, arguments) -> {
                    CommandLine command = failure.getCommandLine();
                    command.getErr().println("edistream: " + failure.getMessage() + suggestion(failure));
                    command.getErr()
                            .println("Try '" + command.getCommandSpec().qualifiedName()
                                    + " --help' for what is allowed.");
                    return CommandLine.ExitCode.USAGE;
                })
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    if (failure instanceof UserError error) {
                        command.getErr()
                                .println("edistream: " + TypedOption.named(String.valueOf(error.getMessage()), parsed));
                        return error.exitCode();
                    }
                    if (isOutOfMemory(failure)) {
                        command.getErr().println(outOfMemory(failure));
                        return CommandLine.ExitCode.SOFTWARE;
                    }
                    if (Interruption.explains(failure)) {
                        command.getErr().println("edistream: interrupted");
                        return CommandLine.ExitCode.SOFTWARE;
                    }
                    // What a machine can cause comes with a message that says so; anything else is a fault of ours.
                    command.getErr().println("edistream: " + failure.getMessage());
                    if (!(failure instanceof IllegalStateException
                            || failure instanceof IOException
                            || failure instanceof UncheckedIOException)) {
                        failure.printStackTrace(command.getErr());
                    }
                    return CommandLine.ExitCode.SOFTWARE;
                });
    }

    /** The JVM ends by itself when the heap is full; what is outside the heap it reports as any other failure. */
    private static boolean isOutOfMemory(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof OutOfMemoryError) {
                return true;
            }
        }
        return false;
    }

    private static String outOfMemory(Throwable failure) {
        return "edistream: out of memory, give it more, for instance by JAVA_TOOL_OPTIONS=-Xmx4g in front of the command: "
                + failure.getMessage();
    }

    private static String suggestion(CommandLine.ParameterException failure) {
        if (failure instanceof UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().isEmpty()) {
            return Suggestion.of(unmatched.getUnmatched().get(0), allowed(unmatched));
        }
        return "";
    }

    /** Options, or subcommands where something else was typed. */
    private static List<String> allowed(UnmatchedArgumentException unmatched) {
        CommandLine.Model.CommandSpec command = unmatched.getCommandLine().getCommandSpec();
        return unmatched.isUnknownOption()
                ? List.copyOf(command.optionsMap().keySet())
                : List.copyOf(command.subcommands().keySet());
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(),
                "a subcommand is needed: "
                        + String.join(", ", spec.subcommands().keySet()));
    }

    /** Prints the version that the build put into the jar; on every subcommand too. */
    public static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"edistream " + number()};
        }

        /** For instance 0.1.0. */
        public static String number() {
            Properties properties = new Properties();
            try (InputStream in = Edistream.class.getResourceAsStream("version.properties")) {
                properties.load(in);
            } catch (IOException e) {
                throw new UncheckedIOException("version.properties could not be read", e);
            }
            return String.valueOf(properties.getProperty("version"));
        }
    }
}
