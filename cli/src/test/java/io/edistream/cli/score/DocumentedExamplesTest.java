package io.edistream.cli.score;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples of the documents print what stands below them; three dots stand for anything. */
class DocumentedExamplesTest {

    private static final Path ROOT = Path.of("..");
    private static final String INDENT = "    ";
    private static final String PROMPT = INDENT + "$ ";
    private static final Pattern COMMAND = Pattern.compile(
            "(?:echo '(?<input>[^']*)' \\| )?\\./edistream (?<arguments>score[^>]*)(?<silent>>/dev/null)?");

    @TempDir
    private Path folder;

    /**
     * A command and what it prints.
     *
     * @param printed lines on standard output and error
     */
    record Example(String command, List<String> printed) {
        @Override
        public String toString() {
            return command;
        }
    }

    static Stream<Example> examples() throws IOException {
        return Stream.concat(
                examples(ROOT.resolve("README.md")).stream(), examples(ROOT.resolve("docs/score.md")).stream());
    }

    private static List<Example> examples(Path document) throws IOException {
        List<String> lines = Files.readAllLines(document);
        List<Example> examples = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith(PROMPT) && lines.get(i).contains("./edistream score")) {
                examples.add(new Example(lines.get(i).substring(PROMPT.length()), printed(lines, i + 1)));
            }
        }
        return examples;
    }

    /** All that is indented, and blank lines between. */
    private static List<String> printed(List<String> lines, int from) {
        return lines.stream()
                .skip(from)
                .takeWhile(line -> line.isEmpty() || (line.startsWith(INDENT) && !line.startsWith(PROMPT)))
                .map(line -> line.replaceFirst("^" + INDENT, ""))
                .collect(Collectors.collectingAndThen(
                        Collectors.joining("\n"), text -> text.strip().lines().toList()));
    }

    @Test
    void thereAreSome() throws IOException {
        assertThat(examples(ROOT.resolve("README.md"))).isNotEmpty();
        assertThat(examples(ROOT.resolve("docs/score.md"))).hasSizeGreaterThan(4);
    }

    @ParameterizedTest
    @MethodSource("examples")
    void printsWhatStandsBelowIt(Example example) throws IOException {
        Matcher command = COMMAND.matcher(example.command());
        assertThat(command.matches()).isTrue();
        List<String> arguments = new ArrayList<>();
        for (String argument : command.group("arguments").strip().split(" +", -1)) {
            arguments.add(argument.startsWith("docs/") ? ROOT.resolve(argument).toString() : argument);
        }
        if (command.group("input") != null) {
            arguments.add(Files.writeString(folder.resolve("input"), command.group("input"))
                    .toString());
        }
        CommandRun run = new CommandRun();

        run.execute(arguments.toArray(String[]::new));

        String printed = (command.group("silent") == null ? run.out() : "") + run.err();
        assertThat(printed.strip().lines().toList())
                .hasSameSizeAs(example.printed())
                .zipSatisfy(example.printed(), (line, documented) -> assertThat(line)
                        .matches(pattern(documented)));
    }

    private static Pattern pattern(String documented) {
        return Pattern.compile(
                Stream.of(documented.split("\\.\\.\\.", -1)).map(Pattern::quote).collect(Collectors.joining(".*")));
    }
}
