package io.edistream.cli;

import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ParseResult;

/** Names options in messages as the user typed them. */
final class TypedOption {

    private TypedOption() {}

    /**
     * A message of the form "{@code retention PT1S: must be ...}" whose name is an option that was typed, as "{@code
     * --retention 1s: must be ...}": what checks a value knows neither that it came from an option nor how it was
     * written. Any other message stays as it is.
     */
    static String named(String message, ParseResult parsed) {
        int colon = message.indexOf(": ");
        if (colon < 0) {
            return message;
        }
        String what = message.substring(0, colon).toLowerCase(Locale.ROOT);
        ParseResult command = parsed;
        while (command.hasSubcommand()) {
            command = command.subcommand();
        }
        return command.matchedOptions().stream()
                // What was typed there may be a password.
                .filter(option -> !option.longestName().equals("--kafka-property"))
                .filter(option -> names(what, option.longestName()))
                .findFirst()
                .map(option -> {
                    List<String> typed = option.originalStringValues();
                    String value = typed.isEmpty() ? "" : " " + typed.get(typed.size() - 1);
                    return option.longestName() + value + message.substring(colon);
                })
                .orElse(message);
    }

    /** Whether a message begins with the name of an option and one value. */
    private static boolean names(String what, String option) {
        String name = option.replaceFirst("^-+", "").replace('-', ' ') + " ";
        return what.startsWith(name) && what.indexOf(' ', name.length()) < 0;
    }
}
