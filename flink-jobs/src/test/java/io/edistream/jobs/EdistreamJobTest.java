package io.edistream.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.jobs.KafkaOptions.StartFrom;
import io.edistream.signals.EntropyKind;
import io.edistream.signals.Scoring;
import io.edistream.signals.rules.Act;
import io.edistream.signals.rules.LimitScope;
import io.edistream.signals.rules.Mode;
import io.edistream.signals.rules.RuleKey;
import io.edistream.signals.rules.Rules.Setting;
import io.edistream.signals.rules.Threshold;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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

        assertThat(options.watch().rules().settings()).isEmpty();
        assertThat(options.kafka()).isEqualTo(KafkaOptions.of("localhost:9092"));
        assertThat(options.runtime()).isEqualTo(RuntimeOptions.DEFAULT);
        assertThat(options.watch().scoreIntervalTokens()).isEqualTo(16);
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
                "--retention",
                "3h",
                "--max-live-per-source",
                "11",
                "--max-live-per-task",
                "12",
                "--max-sources-per-task",
                "13",
                "--job-name",
                "second",
                "--burst-window",
                "5",
                "--burst-threshold",
                "1.1",
                "--rebound-threshold",
                "1.2",
                "--tracked-class",
                "digit",
                "--abort",
                "armed",
                "--abort-signal",
                "class_digit.edis",
                "--abort-limit",
                "4.5",
                "--abort-last",
                "--abort-min-tokens",
                "12",
                "--abort-models",
                "a,b",
                "--abort-routes",
                "r",
                "--abort-kinds",
                "raw-exact,processed-bounded-20",
                "--abort-revision",
                "7",
                "--reroute",
                "armed",
                "--reroute-to",
                "large",
                "--reroute-from-prompt",
                "--reroute-signal",
                "perplexity",
                "--reroute-limit",
                "3.5",
                "--reroute-min-tokens",
                "8",
                "--reroute-max-token",
                "40",
                "--reroute-models",
                "c",
                "--reroute-routes",
                "small,medium",
                "--reroute-kinds",
                "tempered-exact",
                "--reroute-revision",
                "2",
                "--conclude",
                "armed",
                "--conclude-signal",
                "tail_confidence",
                "--conclude-side",
                "above",
                "--conclude-limit",
                "17",
                "--conclude-min-tokens",
                "99",
                "--conclude-text",
                "So: ",
                "--conclude-models",
                "d",
                "--conclude-routes",
                "r2",
                "--conclude-kinds",
                "raw-bounded-5",
                "--conclude-revision",
                "3",
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
        assertThat(options.watch().scoreIntervalTokens()).isEqualTo(4);
        assertThat(options.watch().idleTimeout()).isEqualTo(Duration.ofMinutes(2));
        assertThat(options.watch().retention()).isEqualTo(Duration.ofHours(3));
        assertThat(options.watch().maxLivePerGenerator()).isEqualTo(11);
        assertThat(options.watch().maxLivePerTask()).isEqualTo(12);
        assertThat(options.watch().maxGenerators()).isEqualTo(13);
        assertThat(options.watch().scoring()).isEqualTo(new Scoring(5, 1.1, 1.2, "digit"));
        assertThat(options.job().name()).isEqualTo("second");
        assertThat(options.job().release()).containsPattern("\\d+\\.\\d+\\.\\d+");
        assertThat(options.watch().rules().settings())
                .containsExactly(
                        new Setting(
                                Threshold.above(
                                                new RuleKey("abort-above", 7),
                                                new LimitScope(
                                                        Set.of("a", "b"),
                                                        Set.of("r"),
                                                        Set.of(
                                                                EntropyKind.RAW_EXACT,
                                                                EntropyKind.parse("processed-bounded-20"))),
                                                "class_digit.edis",
                                                4.5,
                                                new Act.Abort(false))
                                        .from(12),
                                Mode.ARMED),
                        new Setting(
                                Threshold.above(
                                                new RuleKey("reroute-above", 2),
                                                new LimitScope(
                                                        Set.of("c"),
                                                        Set.of("small", "medium"),
                                                        Set.of(EntropyKind.parse("tempered-exact"))),
                                                "perplexity",
                                                3.5,
                                                new Act.Reroute("large", true))
                                        .from(8)
                                        .until(40),
                                Mode.ARMED),
                        new Setting(
                                Threshold.above(
                                                new RuleKey("conclude-above", 3),
                                                new LimitScope(
                                                        Set.of("d"),
                                                        Set.of("r2"),
                                                        Set.of(EntropyKind.parse("raw-bounded-5"))),
                                                "tail_confidence",
                                                17,
                                                new Act.Conclude("So: "))
                                        .from(99),
                                Mode.ARMED),
                        new Setting(
                                Threshold.above(
                                                new RuleKey("branch-above", 1),
                                                LimitScope.ofModels(),
                                                Threshold.NEWEST_ENTROPY,
                                                2.5,
                                                new Act.Branch(3, 9))
                                        .atMost(2),
                                Mode.SHADOW));
    }

    @Test
    void whatARuleNeedsIsEnough() {
        JobOptions options = parse(
                "--reroute=shadow",
                "--reroute-to=large",
                "--reroute-limit=5",
                "--conclude=shadow",
                "--conclude-limit=0.1");

        assertThat(options.watch().rules().settings())
                .containsExactly(
                        new Setting(
                                Threshold.above(
                                        new RuleKey("reroute-above", 1),
                                        LimitScope.ofModels(),
                                        "edis",
                                        5,
                                        new Act.Reroute("large", false)),
                                Mode.SHADOW),
                        new Setting(
                                Threshold.of(
                                                new RuleKey("conclude-below", 1),
                                                LimitScope.ofModels(),
                                                "mean_entropy",
                                                Threshold.Side.BELOW,
                                                0.1,
                                                new Act.Conclude(""))
                                        .from(32),
                                Mode.SHADOW));
    }

    @Test
    void theLastOfAPromptIsSparedUnlessToldOtherwise() {
        assertThat(parse("--abort=shadow", "--abort-limit=1").watch().rules().settings())
                .extracting(setting -> setting.rule().act())
                .containsExactly(new Act.Abort(true));
    }

    @Test
    void aRuleThatIsOffNeedsNothing() {
        assertThat(parse("--abort=off", "--reroute=off", "--conclude=off", "--branch=off")
                        .watch()
                        .rules()
                        .settings())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            --parallelism 0            | parallelism 0: must be 1 to 720
            --checkpoint-interval 1ms  | must be at least PT0.01S
            --score-interval 0         | score interval in tokens 0: must be at least 1
            --idle-timeout 0s          | idle timeout PT0S: must be
            --burst-window 65          | burst window 65
            --tracked-class a,b        | tracked token class 'a,b'
            --max-live-per-source 0    | live sequences per source 0: must be at least 1
            --max-live-per-task 0      | live sequences per task 0: must be at least 1
            --max-sources-per-task 0   | sources per task 0: must be at least 1
            --retention 1s             | retention PT1S: must be PT10M to
            --abort shadow --abort-limit 3 --abort-kinds odd | kind of entropy 'odd': must be raw, tempered or processed
            --abort shadow --abort-limit 3 --abort-revision 0 | revision 0 of rule abort-above
            --topic-prefix a/b         | --topic-prefix 'a/b'
            --abort shadow             | --abort-limit is missing: rule abort-above needs a finite number
            --abort shadow --abort-limit Infinity | --abort-limit Infinity: must be a finite number
            --abort armed --abort-limit 3 | rule abort-above is armed for no model
            --abort shadow --abort-limit 3 --abort-signal nosuch | signal 'nosuch': must be one of edis
            --abort-limit 3            | Missing required argument(s): --abort=
            --branch-limit 3           | Missing required argument(s): --branch=
            --branch shadow            | --branch-limit is missing: rule branch-above needs a finite number
            --reroute-limit 3          | Missing required argument(s): --reroute=
            --reroute shadow --reroute-limit 3 | --reroute-to is missing: rule reroute-above needs the name of a route
            --reroute shadow --reroute-to l | --reroute-limit is missing: rule reroute-above needs a finite number
            --reroute armed --reroute-to l --reroute-limit 3 | rule reroute-above is armed for no model
            --reroute shadow --reroute-to l --reroute-limit 3 --reroute-routes l | --reroute-routes l: must name another
            --reroute shadow --reroute-to l --reroute-limit 3 --reroute-min-tokens 9 --reroute-max-token 7 | last token 7 must be at least 8
            --reroute shadow --reroute-to l --reroute-limit 3 --reroute-min-tokens -1 | minimum tokens -1 must be at least 0
            --reroute shadow --reroute-to l --reroute-limit 3 --reroute-max-token -1 | last token -1 must be at least 0
            --reroute shadow --reroute-to l --reroute-limit 3 --reroute-signal nosuch | signal 'nosuch': must be one of edis
            --reroute shadow --reroute-to l --reroute-limit 3 --reroute-kinds odd | kind of entropy 'odd': must be raw
            --reroute shadow --reroute-to l --reroute-limit 3 --reroute-revision 0 | revision 0 of rule reroute-above
            --conclude-limit 3         | Missing required argument(s): --conclude=
            --conclude shadow          | --conclude-limit is missing: rule conclude-below needs a finite number
            --conclude armed --conclude-limit 3 | rule conclude-below is armed for no model
            --conclude shadow --conclude-limit 3 --conclude-side beside | Invalid value for option '--conclude-side'
            --conclude shadow --conclude-limit 3 --conclude-min-tokens -1 | minimum tokens -1 must be at least 0
            --conclude shadow --conclude-limit 3 --conclude-signal nosuch | signal 'nosuch': must be one of edis
            --conclude shadow --conclude-limit 3 --conclude-side above --conclude-revision 0 | revision 0 of rule conclude-above
            --branch shadow --branch-limit 1 --branch-width 17 | width 17: must be 1 to 16
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
    void namesAndTextsAreBounded() {
        String route = "r".repeat(Act.MAX_NAME_CHARACTERS + 1);
        assertThatThrownBy(() -> parse("--reroute=shadow", "--reroute-limit=1", "--reroute-to=" + route))
                .hasMessageContaining("of a route: must be 1 to 256 characters");
        String text = "t".repeat(Act.MAX_TEXT_CHARACTERS + 1);
        assertThatThrownBy(() -> parse("--conclude=shadow", "--conclude-limit=1", "--conclude-text=" + text))
                .hasMessageContaining("text of 1001 characters to force: must be at most 1000");
    }

    @Test
    void brokersAreNeeded() {
        assertThatThrownBy(() -> EdistreamJob.parse(new String[0], System.out))
                .hasMessageContaining("--bootstrap-servers is missing: must be host:port");
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
                .contains(
                        "--bootstrap-servers",
                        "--abort-limit",
                        "--reroute-to",
                        "--conclude-text",
                        "--branch-width",
                        "OFF, SHADOW, ARMED")
                .containsPattern("--checkpoint-dir[^-]*5\\s+MiB");
    }

    @Test
    void aFileMayNameTheBrokersAndNothingShowsItsValues(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(
                folder.resolve("client.properties"),
                "bootstrap.servers=a:1\nsecurity.protocol=SSL\nssl.key.password=hunter2\n");

        JobOptions options = EdistreamJob.parse(
                        new String[] {"--kafka-config", file.toString(), "--kafka-property", "linger.ms=3"}, System.out)
                .orElseThrow();
        assertThat(options.kafka().bootstrapServers()).isEqualTo("a:1");
        assertThat(options.kafka().properties())
                .isEqualTo(Map.of("security.protocol", "SSL", "ssl.key.password", "hunter2", "linger.ms", "3"));
        assertThat(options.toString()).contains("ssl.key.password").doesNotContain("hunter2");
        assertThat(parse("--kafka-config", file.toString()).kafka().bootstrapServers())
                .isEqualTo("localhost:9092");
    }

    @Test
    void aMistypedPropertyOfSecurityKeepsTheJobFromStarting() {
        assertThatThrownBy(() -> parse("--kafka-property", "sasl.jaas.cofig=hunter2"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(did you mean 'sasl.jaas.config'?)")
                .message()
                .doesNotContain("hunter2");
    }
}
