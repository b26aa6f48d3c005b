package io.edistream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MessagesTest {

    private final CommandRun run = new CommandRun();

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "stats; Unmatched argument at index 0: 'stats' (did you mean 'status'?)",
                "jobs; (did you mean 'job'?)",
                "topics --creat; Unknown option: '--creat' (did you mean '--create'?)",
                "job --paralelism=2; Unknown option: '--paralelism=2' (did you mean '--parallelism'?)",
                "tail scors; TOPIC 'scors' (did you mean 'scores'?): must be one of",
                "topics --print --retention=1s; edistream: --retention 1s: must be 1 minute to 3650 days",
                "topics --print --partitions=0; edistream: --partitions 0: must be 1 to 1000",
                "job --bootstrap-servers=h:1 --parallelism=721; edistream: --parallelism 721: must be 1 to 720",
                "job --bootstrap-servers=h:1 --checkpoint-interval=1ms; edistream: --checkpoint-interval 1ms: must be"
            })
    void namesWhatWasTypedAndWhatIsAllowed(String typed, String message) {
        assertThat(run.execute(typed.split(" "))).isEqualTo(2);
        assertThat(run.err()).contains(message);
    }

    @ParameterizedTest
    @CsvSource({"xyzxyz", "topics --zzzzzzzzzzzz"})
    void nothingIsSuggestedForWhatIsFarFromAll(String typed) {
        assertThat(run.execute(typed.split(" "))).isEqualTo(2);
        assertThat(run.err()).doesNotContain("did you mean");
    }
}
