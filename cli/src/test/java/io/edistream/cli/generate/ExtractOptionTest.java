package io.edistream.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edistream.sequences.answers.Extraction;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What is the answer in texts of lines that do not say, as it is asked for on the command line. */
class ExtractOptionTest {

    @Test
    void whatTheRouteFindsIsTheAnswerUnlessAskedOtherwise() {
        assertThat(defaults()).isEqualTo(new GenerationLine.Defaults(1, 256, 1, null));
    }

    @Test
    void linesThatDoNotSayAreReadAsAsked() {
        assertThat(defaults("--extract", "boxed", "--samples", "4", "--temperature", "0.5", "--max-new-tokens", "9"))
                .isEqualTo(new GenerationLine.Defaults(0.5, 9, 4, Extraction.parse("boxed")));
    }

    @Test
    void anErrorNamesTheOption() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> defaults("--extract", "number"))
                .withMessageStartingWith("--extract: no extraction number: must be last_number, boxed");
    }

    private static GenerationLine.Defaults defaults(String... options) {
        GenerateCommand command = new GenerateCommand();
        new CommandLine(command).parseArgs(options);
        return command.defaults();
    }
}
