package io.edistream.cli.job;

import io.edistream.cli.StatusScreen;
import io.edistream.console.SafeText;
import io.edistream.schemas.Command;
import io.edistream.schemas.Ids;
import java.util.Optional;

/** Says commands in sentences, some of them per period; of the others how many there were. */
final class CommandLog {

    /** Commands of a period that are said one by one. */
    static final int MAX_PER_PERIOD = 10;

    private final StatusScreen screen;
    private int inPeriod;

    CommandLog(StatusScreen screen) {
        this.screen = screen;
    }

    void onCommand(Command command) {
        inPeriod++;
        if (inPeriod <= MAX_PER_PERIOD) {
            screen.say(sentence(command));
        }
    }

    /** A period ends. */
    void onPeriodEnd() {
        further().ifPresent(screen::say);
        inPeriod = 0;
    }

    private Optional<String> further() {
        int more = inPeriod - MAX_PER_PERIOD;
        return more > 0
                ? Optional.of(more + (more == 1 ? " more command" : " more commands")
                        + " within this second; edistream tail control shows all")
                : Optional.empty();
    }

    static String sentence(Command command) {
        return command.getAction() + " " + command.getMode() + " by rule " + SafeText.forTerminal(command.getRule())
                + ":"
                + command.getRevision() + " for sequence " + Ids.text(command.getSequence())
                + (command.getTargetRoute() == null
                        ? ""
                        : ", to route " + SafeText.forTerminal(command.getTargetRoute()))
                + ", decided at token "
                + command.getDecidedAtToken()
                + (command.getSentAtToken() > command.getDecidedAtToken()
                        ? ", repeated at token " + command.getSentAtToken()
                        : "");
    }
}
