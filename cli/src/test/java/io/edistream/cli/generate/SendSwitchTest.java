package io.edistream.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.sequences.event.EventOptions;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What may leave the generator, as it is asked for on the command line. */
class SendSwitchTest {

    @Test
    void nothingButNumbersLeavesUnlessAskedFor() {
        assertThat(events()).isEqualTo(new EventOptions(false, false, false, false, false, 0));
    }

    @Test
    void eachNameLetsOutWhatItSays() {
        assertThat(events("--send", "details")).isEqualTo(new EventOptions(true, false, false, false, false, 0));
        assertThat(events("--send", "token_ids")).isEqualTo(new EventOptions(false, true, false, false, false, 0));
        assertThat(events("--send", "prompts")).isEqualTo(new EventOptions(false, false, true, false, false, 0));
        assertThat(events("--send", "texts")).isEqualTo(new EventOptions(false, false, false, true, false, 0));
        assertThat(events("--send", "answers")).isEqualTo(new EventOptions(false, false, false, false, true, 0));
        assertThat(events("--run-text", "7")).isEqualTo(new EventOptions(false, false, false, false, false, 7));
    }

    @Test
    void severalNamesAddUp() {
        assertThat(events("--send", "prompts,answers", "--send", "details"))
                .isEqualTo(new EventOptions(true, false, true, false, true, 0));
    }

    private static EventOptions events(String... options) {
        GenerateCommand command = new GenerateCommand();
        new CommandLine(command).parseArgs(options);
        return command.eventOptions();
    }
}
