package io.edistream.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.edistream.cli.CommandRun;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.schemas.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The loop in parts, as on somebody's own brokers: problems, generate and job only meet in Kafka and in a file. */
@Timeout(300)
class GenerateE2ECase {

    private static final Path MODELS = Path.of("..", "models");
    private static final String DEFAULT_ROUTE = "--route=default=" + MODELS.resolve("reasoner-s");
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    private Path folder;

    private final CommandRun generate = new CommandRun();

    @Test
    void aJobThatRunsApartAbortsAndBranchesWhatIsGenerated()
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        Path problems = problems(3);
        try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
            kafka.createTopics(Topics.DEFAULT, 1);
            // Limits so low that all rules must fire; those in shadow do so at the first token of every sequence.
            RunningJob job = RunningJob.start(
                    kafka,
                    "--rebound-threshold=0.5",
                    "--abort=armed",
                    "--abort-limit=5",
                    "--abort-models=reasoner-s",
                    "--branch=armed",
                    "--branch-limit=0.7",
                    "--branch-models=reasoner-s",
                    "--reroute=shadow",
                    "--reroute-to=stronger",
                    "--reroute-signal=sequence_entropy",
                    "--reroute-limit=0",
                    "--conclude=shadow",
                    "--conclude-signal=sequence_entropy",
                    "--conclude-side=above",
                    "--conclude-limit=0",
                    "--conclude-min-tokens=1");

            assertThat(generate.execute(
                            "generate",
                            "--strict",
                            "--bootstrap-servers=" + kafka.bootstrapServers(),
                            DEFAULT_ROUTE,
                            "--samples=4",
                            "--temperature=0.8",
                            "--seed=7",
                            problems.toString()))
                    .as("%s%s", generate, job.run)
                    .isZero();
            assertThat(generate.err()).contains(" 0 dropped, 0 failed; sequences that nobody could watch: 0\n");
            job.end();
            assertThat(job.run.err()).endsWith("edistream: interrupted\n").doesNotContain("failed");
            assertThat(job.run.err())
                    .containsPattern("REROUTE SHADOW by rule reroute-above:1 for sequence [0-9a-f]{16}-\\d+, to route"
                            + " stronger, decided at token 0\n")
                    .containsPattern("CONCLUDE SHADOW by rule conclude-above:1 for sequence [0-9a-f]{16}-\\d+, decided"
                            + " at token 0\n");
        }

        List<JsonNode> lines = lines();
        assertThat(lines).hasSizeGreaterThan(12).allSatisfy(line -> {
            assertThat(line.path("sequence").textValue()).matches("[0-9a-f]{16}-\\d+");
            assertThat(line.path("tokens").intValue()).isPositive();
            assertThat(line.path("id").textValue()).isIn("1", "2", "3");
        });
        assertThat(lines)
                .anySatisfy(line -> assertThat(line.path("end").textValue()).isEqualTo("ABORTED"));
        assertThat(lines).anySatisfy(line -> {
            assertThat(line.path("parent").textValue()).matches("[0-9a-f]{16}-\\d+");
            assertThat(line.path("fork_token").intValue()).isNotNegative();
        });
    }

    /** An unstable answer goes on with the stronger model, which is told to conclude; the vote of the samples decides how many run. */
    @Test
    void atTheWordOfRulesAnAnswerGoesOnElsewhereAndConcludes()
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        Path file = folder.resolve("one.jsonl");
        Files.writeString(
                file,
                "{\"id\": \"a\", \"prompt\": \"Tom has 14 marbles. In January he buys 13 more. In February he loses 5. How many"
                        + " marbles does Tom have now?\", \"temperature\": 0.8, \"seed\": 4, \"samples\": 4,"
                        + " \"strategy\": \"until:2\", \"answer\": \"22\"}\n");
        try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
            kafka.createTopics(Topics.DEFAULT, 1);
            // Limits so low that the rules fire at the first tokens.
            RunningJob job = RunningJob.start(
                    kafka,
                    "--reroute=armed",
                    "--reroute-to=stronger",
                    "--reroute-models=reasoner-s",
                    "--reroute-signal=sequence_entropy",
                    "--reroute-limit=0",
                    "--conclude=armed",
                    "--conclude-models=reasoner-l",
                    "--conclude-signal=sequence_entropy",
                    "--conclude-side=above",
                    "--conclude-limit=0",
                    "--conclude-min-tokens=1");

            assertThat(generate.execute(
                            "generate",
                            "--strict",
                            "--bootstrap-servers=" + kafka.bootstrapServers(),
                            DEFAULT_ROUTE,
                            "--route=stronger=" + MODELS.resolve("reasoner-l"),
                            file.toString()))
                    .as("%s%s", generate, job.run)
                    .isZero();
            job.end();
        }

        List<JsonNode> lines = lines();
        List<JsonNode> moved = lines.stream()
                .filter(line -> line.path("end").textValue().equals("REROUTED"))
                .toList();
        assertThat(moved).as(generate.out()).isNotEmpty();
        for (JsonNode first : moved) {
            JsonNode second = lines.stream()
                    .filter(line -> line.path("continues").equals(first.path("sequence")))
                    .findFirst()
                    .orElseThrow();
            assertThat(second.path("model").textValue()).isEqualTo("reasoner-l");
            assertThat(second.path("continued").textValue()).isEqualTo("by_ids");
            assertThat(second.path("whole_text").textValue())
                    .isEqualTo(
                            first.path("text").textValue() + second.path("text").textValue());
            assertThat(second.path("prompt_tokens").intValue())
                    .isEqualTo(first.path("prompt_tokens").intValue()
                            + first.path("tokens").intValue());
        }
        assertThat(lines).anySatisfy(line -> {
            assertThat(line.path("model").textValue()).isEqualTo("reasoner-l");
            assertThat(line.path("forced_tokens").intValue()).isEqualTo(2);
            assertThat(line.path("text").textValue()).contains("</think> answer");
        });
        assertThat(lines.stream().filter(line -> !line.has("continues")))
                .as("samples, of at most four")
                .hasSizeBetween(2, 4);
    }

    @Test
    void aCheckNeedsNoBrokerAndSaysWhatWasCompared() {
        assertThat(generate.execute("generate", "--check", DEFAULT_ROUTE))
                .as(generate.toString())
                .isZero();
        assertThat(generate.err()).isEqualTo("edistream: route default: the folder has no check prompts\n");
        assertThat(generate.out()).isEmpty();
    }

    @Test
    void withoutABrokerItDecodesAndSaysSo() throws IOException {
        Path problems = problems(2);
        assertThat(generate.execute(
                        "generate",
                        "--bootstrap-servers=localhost:1",
                        DEFAULT_ROUTE,
                        "--live-sequences=128",
                        problems.toString()))
                .as(generate.toString())
                .isZero();
        assertThat(lines()).hasSize(2);
        assertThat(generate.err())
                .contains("edistream: the cache holds at most 127 sequences of 256 tokens")
                .contains("edistream: records with entropies: 0 published, ")
                .contains("; sequences that nobody could watch: 2\n")
                .contains("no command can arrive from localhost:1; decoding without until one can")
                .contains("the topics were not looked at: Kafka at localhost:1 does not answer: ");
    }

    @Test
    void aStrictRunTellsByItsExitCodeThatNobodyCouldWatch() throws IOException {
        Path problems = problems(1);
        assertThat(generate.execute(
                        "generate", "--strict", "--bootstrap-servers=localhost:1", DEFAULT_ROUTE, problems.toString()))
                .as(generate.toString())
                .isEqualTo(3);
        assertThat(lines()).hasSize(1);
    }

    @Test
    void withoutItsTopicsItDecodesAndSaysHowToCreateThem() throws IOException {
        Path problems = problems(1);
        try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
            assertThat(generate.execute(
                            "generate",
                            "--bootstrap-servers=" + kafka.bootstrapServers(),
                            DEFAULT_ROUTE,
                            problems.toString()))
                    .as(generate.toString())
                    .isZero();
            assertThat(generate.err())
                    .contains("lacks the topics edistream.token-entropy.v1, edistream.control.v1,"
                            + " edistream.control-outcomes.v1; create them with: edistream topics --create"
                            + " --bootstrap-servers " + kafka.bootstrapServers() + "\n");
        }
        assertThat(lines()).hasSize(1);
    }

    @Test
    void whatNeedsMoreWorkingMemoryThanThereIsIsRefused() throws IOException {
        Path problems = problems(1);
        assertThat(generate.execute(
                        "generate",
                        "--bootstrap-servers=localhost:1",
                        DEFAULT_ROUTE,
                        "--working-memory=1",
                        "--max-new-tokens=400",
                        problems.toString()))
                .isEqualTo(1);
        assertThat(generate.err())
                .containsPattern(
                        "line 1: a sequence of up to 4\\d\\d tokens of model reasoner-s needs \\d{7} bytes of working"
                                + " memory for one token, but a call may use 1048576 ")
                .contains("--working-memory");
    }

    @Test
    void resultsThatNobodyTakesEndTheWork() throws IOException {
        String problems = problems(1_000).toString();
        assertThat(generate.executeWithoutOutput(
                        "generate", "--bootstrap-servers=localhost:1", DEFAULT_ROUTE, "--max-new-tokens=8", problems))
                .isEqualTo(1);
        assertThat(generate.err()).contains("edistream: standard output takes no more");
    }

    @Test
    void badLinesAreNamedAndTheOthersDecoded() throws IOException {
        Path file = folder.resolve("mixed.jsonl");
        Files.writeString(
                file,
                "nope\n\n" + Files.readString(problems(1)) + "{\"id\": 2, \"prompt\": \"Xylophones?\"}\n"
                        + "{\"id\": 3, \"prompt\": \"How many?\", \"route\": \"other\"}\n");
        Files.write(file, new byte[] {'{', (byte) 0xff, '\n'}, StandardOpenOption.APPEND);
        Files.writeString(file, "{\"id\": 4, \"prompt\": \"Zebras?\"}\n", StandardOpenOption.APPEND);
        assertThat(generate.execute("generate", "--bootstrap-servers=localhost:1", DEFAULT_ROUTE, file.toString()))
                .isEqualTo(1);
        assertThat(lines()).hasSize(1);
        assertThat(generate.err())
                .contains("line 1: not JSON")
                .contains("line 4: the model does not know the word \"Xylophones\"")
                .contains("line 5: no route other; there is [default]")
                .contains("line 6: not UTF-8: byte 0xff (at column 2)")
                .contains("line 7: the model does not know the word \"Zebras\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--samples=0; samples must be 1 to 64, not 0",
                "--temperature=-1; temperature must be from 0 to 100, not -1.0",
                "--max-new-tokens=0; maximum of new tokens must be at least 1, not 0",
                "--cache-blocks=1; blocks must be at least 2, not 1",
                "--threads=0; threads must be at least 1, not 0",
                "--live-sequences=0; maximum of live sequences must be at least 1, not 0",
                "--prompt-tokens=0; maximum of prompt tokens per step must be at least 1, not 0",
                "--working-memory=0; maximum of working bytes must be at least 1, not 0",
                "--topic-prefix=a/b; --topic-prefix 'a/b'",
                "--bootstrap-servers=nonsense; --bootstrap-servers 'nonsense': must be host:port",
                "--route=default=absent; absent",
                "--metrics=9404; --metrics 9404: must be host:port",
                "--send=everything; Invalid value for option '--send'",
                "--device=TPU; Invalid value for option '--device'",
                "absent.jsonl; no file absent.jsonl",
                "--kafka-property=acks=several; acks"
            })
    void aWrongOptionIsRefused(String wrong, String reason) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("generate", "--bootstrap-servers=localhost:1", DEFAULT_ROUTE));
        if (wrong.startsWith("--route")) {
            arguments.remove(DEFAULT_ROUTE);
        }
        if (wrong.startsWith("-")) {
            arguments.add(problems(1).toString());
        }
        arguments.add(wrong);
        assertThat(generate.execute(arguments.toArray(String[]::new)))
                .as(generate.toString())
                .isEqualTo(2);
        assertThat(generate.err()).contains(reason);
        assertThat(generate.out()).isEmpty();
    }

    private Path problems(int count) throws IOException {
        CommandRun run = new CommandRun();
        assertThat(run.execute("problems", "--problems=" + count, "--models=" + MODELS))
                .as(run.toString())
                .isZero();
        return Files.writeString(folder.resolve("problems.jsonl"), run.out());
    }

    private List<JsonNode> lines() throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        JsonMapper mapper = new JsonMapper();
        for (String line : generate.out().lines().toList()) {
            lines.add(mapper.readTree(line));
        }
        return lines;
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() - end < 0) {
            Thread.onSpinWait();
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    /** {@code edistream job} on a thread of its own. */
    private record RunningJob(CommandRun run, Thread thread, CompletableFuture<Integer> ends) {

        /** Returns when it reads. */
        static RunningJob start(EmbeddedKafka kafka, String... rules) {
            CommandRun run = new CommandRun();
            CompletableFuture<Integer> ends = new CompletableFuture<>();
            List<String> arguments = new ArrayList<>(List.of("job", "--bootstrap-servers=" + kafka.bootstrapServers()));
            arguments.addAll(List.of(rules));
            Thread thread = new Thread(() -> ends.complete(run.execute(arguments.toArray(String[]::new))));
            thread.start();
            await(() -> run.err().contains("the job reads edistream.token-entropy.v1") || ends.isDone());
            return new RunningJob(run, thread, ends);
        }

        void end() throws InterruptedException, ExecutionException, TimeoutException {
            thread.interrupt();
            assertThat(ends.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(1);
        }
    }
}
