package io.edistream.cli.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.cli.CommandRun;
import io.edistream.embedded.EmbeddedKafka;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What keeps the job from running; that it runs is shown where it meets a generator. */
@Timeout(180)
class JobE2ECase {

    private final CommandRun run = new CommandRun();

    @Test
    void missingTopicsAreNamed() {
        try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
            assertThat(run.execute("job", "--bootstrap-servers=" + kafka.bootstrapServers(), "--topic-prefix=x."))
                    .isEqualTo(1);
        }
        assertThat(run.err())
                .contains("lacks the topics x.token-entropy.v1, x.control.v1, x.scores.v1, x.spikes.v1, x.rejected.v1;")
                .contains("create them with: edistream topics --create --bootstrap-servers 127.0.0.1:")
                .contains("--topic-prefix 'x.'");
    }

    @Test
    void aBrokerThatIsNotThereIsNamed() {
        assertThat(run.execute("job", "--bootstrap-servers=localhost:1")).isEqualTo(1);
        assertThat(run.err()).contains("edistream: Kafka at localhost:1 does not answer: ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--topic-prefix=y.; --bootstrap-servers is missing: must be host:port",
                "--bootstrap-servers=nonsense; --bootstrap-servers 'nonsense': must be host:port",
                "--bootstrap-servers=localhost:1 --parallelism=0; parallelism 0: must be 1 to 720",
                "--bootstrap-servers=localhost:1 --abort=armed --abort-limit=3; is armed for no model",
                "--bootstrap-servers=localhost:1 --reroute=shadow --reroute-limit=3; --reroute-to is missing: rule",
                "--bootstrap-servers=localhost:1 --reroute-to=large; Missing required argument(s): --reroute=MODE",
                "--bootstrap-servers=localhost:1 --conclude=shadow; --conclude-limit is missing: rule conclude-below",
                "--bootstrap-servers=localhost:1 --kafka-property=security.protocol=SSH; security.protocol"
            })
    void aWrongOptionIsRefused(String wrong, String reason) {
        assertThat(run.execute(("job " + wrong).split(" "))).isEqualTo(2);
        assertThat(run.err()).contains(reason);
    }
}
