package io.edistream.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.jobs.KafkaOptions.StartFrom;
import io.edistream.signals.rules.AbortAbove;
import io.edistream.signals.rules.BranchAbove;
import io.edistream.signals.rules.RuleHeader;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EdistreamJobTest {

    static JobOptions parse(String... more) {
        String[] args = Stream.concat(Stream.of("--bootstrap-servers", "localhost:9092"), Stream.of(more))
                .toArray(String[]::new);
        return EdistreamJob.parse(args, System.out).orElseThrow();
    }

    @Test
    void rulesAreOffByDefault() {
        JobOptions options = parse();

        assertThat(options.sequences().policy().rules()).isEmpty();
        assertThat(options.kafka()).isEqualTo(KafkaOptions.of("localhost:9092"));
        assertThat(options.runtime()).isEqualTo(RuntimeOptions.DEFAULT);
        assertThat(options.sequences().scoreIntervalTokens()).isEqualTo(16);
    }

    @Test
    void everyOptionArrives() {
        JobOptions options = parse(
                "--topic-prefix",
                "x.",
                "--group-id",
                "g",
                "--start-from",
                "latest",
                "--kafka-property",
                "security.protocol=SSL",
                "--parallelism",
                "3",
                "--checkpoint-interval",
                "500ms",
                "--checkpoint-dir",
                "file:///ckpt",
                "--score-interval",
                "4",
                "--idle-timeout",
                "2min",
                "--finished-memory",
                "5s",
                "--burst-window",
                "5",
                "--burst-threshold",
                "1.1",
                "--rebound-threshold",
                "1.2",
                "--tracked-class",
                "result",
                "--abort",
                "armed",
                "--abort-signal",
                "class_result.edis",
                "--abort-limit",
                "4.5",
                "--abort-min-tokens",
                "12",
                "--abort-models",
                "a,b",
                "--abort-version",
                "7",
                "--branch",
                "shadow",
                "--branch-limit",
                "2.5",
                "--branch-width",
                "3",
                "--branch-max-leaves",
                "9",
                "--branch-max-firings",
                "2");

        assertThat(options.kafka().topics().prefix()).isEqualTo("x.");
        assertThat(options.kafka().groupId()).isEqualTo("g");
        assertThat(options.kafka().startFrom()).isEqualTo(StartFrom.LATEST);
        assertThat(options.kafka().properties()).isEqualTo(Map.of("security.protocol", "SSL"));
        assertThat(options.runtime().parallelism()).isEqualTo(3);
        assertThat(options.runtime().checkpointInterval()).isEqualTo(Duration.ofMillis(500));
        assertThat(options.runtime().checkpointDirectory()).contains(URI.create("file:///ckpt"));
        assertThat(options.sequences().scoreIntervalTokens()).isEqualTo(4);
        assertThat(options.sequences().idleTimeout()).isEqualTo(Duration.ofMinutes(2));
        assertThat(options.sequences().finishedMemory()).isEqualTo(Duration.ofSeconds(5));
        assertThat(options.sequences().policy().scoring().burstWindowTokens()).isEqualTo(5);
        assertThat(options.sequences().policy().scoring().trackedClass()).isEqualTo("result");
        assertThat(options.sequences().policy().rules())
                .containsExactly(
                        new AbortAbove(
                                new RuleHeader("abort-above", 7, true, Set.of("a", "b")), "class_result.edis", 4.5, 12),
                        new BranchAbove(new RuleHeader("branch-above", 1, false, Set.of()), 2.5, 3, 9, 2));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            --parallelism 0            | parallelism 0: must be 1 to 512
            --checkpoint-interval 1ms  | must be at least PT0.01S
            --score-interval 0         | score interval of 0 tokens: must be at least 1
            --idle-timeout 0s          | idle timeout PT0S: must be
            --burst-window 65          | burst window 65
            --tracked-class a.b        | tracked token class 'a.b'
            --topic-prefix a/b         | topic prefix 'a/b'
            --abort shadow             | limit NaN of rule abort-above: must be a finite number
            --abort armed --abort-limit 3 | rule abort-above is armed for no model
            --abort shadow --abort-limit 3 --abort-signal nosuch | signal 'nosuch': must be one of edis
            --abort-limit 3            | Missing required argument(s): --abort=
            --branch-limit 3           | Missing required argument(s): --branch=
            --branch shadow            | entropy limit NaN of rule branch-above
            --branch shadow --branch-limit 1 --branch-width 17 | width 17 of rule branch-above: must be 1 to 16
            --no-such-option           | Unknown option
            --parallelism many         | 'many' is not an int
            --idle-timeout soon        | idle-timeout
            """)
    void badOptionsAreRefusedWithTheirBound(String args, String message) {
        assertThatThrownBy(() -> parse(args.split(" ")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void brokersAreNeeded() {
        assertThatThrownBy(() -> EdistreamJob.parse(new String[0], System.out))
                .hasMessageContaining("Missing required option: '--bootstrap-servers");
        assertThatThrownBy(() -> KafkaOptions.of("localhost")).hasMessageContaining("must be host:port");
    }

    @Test
    void theVersionIsThatOfTheBuild() {
        assertThat(answerTo("--version")).startsWith("edistream-job ").containsPattern("\\d+\\.\\d+\\.\\d+");
    }

    private static String answerTo(String option) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(EdistreamJob.parse(new String[] {option}, new PrintStream(out, true, StandardCharsets.UTF_8)))
                .isEmpty();
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void helpListsTheOptions() {
        assertThat(answerTo("--help"))
                .contains("--bootstrap-servers", "--abort-limit", "--branch-width", "off, shadow, armed")
                .containsPattern("--checkpoint-dir[^-]*5\\s+MiB");
    }
}
