package io.edistream.cli.tail;

import io.edistream.cli.UserError;
import io.edistream.console.topics.Beginning;
import java.time.Clock;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** Where a command that reads on and on begins: at the end, if nothing else is typed. */
public final class FromArguments {

    @Option(
            names = "--from",
            paramLabel = "WHERE",
            showDefaultValue = Visibility.NEVER,
            description = "earliest, latest, how long ago (10min) or an instant (2026-01-31T12:00:00Z). Default:"
                    + " ${DEFAULT-VALUE}.")
    private String from = "latest";

    /** As it was typed. */
    public String typed() {
        return from;
    }

    /**
     * The beginning.
     *
     * @throws UserError if it is none
     */
    public Beginning beginning() {
        return From.parse(from, Clock.systemUTC().instant());
    }
}
