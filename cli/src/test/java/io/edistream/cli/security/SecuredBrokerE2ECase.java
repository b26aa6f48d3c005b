package io.edistream.cli.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.cli.CommandRun;
import io.edistream.embedded.EmbeddedKafka;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every command against brokers that want a login, whose password stands in a file of its own. */
@Timeout(300)
class SecuredBrokerE2ECase {

    private static final String SECRET = "hunter2-Xk9";
    private static final String WRONG = "letmein-Zq4";
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String MODULE = "org.apache.kafka.common.security.plain.PlainLoginModule required ";

    @TempDir
    private static Path folder;

    private static EmbeddedKafka kafka;

    private final CommandRun run = new CommandRun();

    @BeforeAll
    static void start() {
        String users = MODULE + "username=\"admin\" password=\"" + SECRET + "\" user_admin=\"" + SECRET + "\";";
        kafka = EmbeddedKafka.start(
                Map.of(
                        "listener.security.protocol.map", "PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
                        "sasl.enabled.mechanisms", "PLAIN",
                        "sasl.mechanism.inter.broker.protocol", "PLAIN",
                        "listener.name.plaintext.plain.sasl.jaas.config", users),
                Map.of(
                        "security.protocol", "SASL_PLAINTEXT",
                        "sasl.mechanism", "PLAIN",
                        "sasl.jaas.config", MODULE + "username=\"admin\" password=\"" + SECRET + "\";"));
    }

    @AfterAll
    static void stop() {
        kafka.close();
    }

    @Test
    void theLoopRunsWithAPasswordFromAFile() throws Exception {
        Path config = config("right", SECRET);
        assertThat(execute(run, config, "topics", "--create")).as(run.err()).isZero();
        CommandRun job = new CommandRun();
        CompletableFuture<Integer> jobEnds = new CompletableFuture<>();
        Thread jobThread = new Thread(() -> jobEnds.complete(execute(job, config, "job")));
        jobThread.start();
        await(() -> job.err().contains("the job reads edistream.token-entropy.v1") || jobEnds.isDone());
        assertThat(jobEnds.isDone()).as(job.err()).isFalse();

        CommandRun generate = new CommandRun();
        assertThat(execute(
                        generate,
                        config,
                        "generate",
                        "--strict",
                        "--route=default=" + Path.of("..", "models", "reasoner-s"),
                        problems().toString()))
                .as("%s%s", generate, job)
                .isZero();
        CommandRun tail = new CommandRun();
        await(() -> execute(tail, config, "tail", "scores") == 0 && tail.out().contains("\"final\""));
        CommandRun tokens = new CommandRun();
        assertThat(execute(tokens, config, "tail", "token-entropy"))
                .as(tokens.err())
                .isZero();
        assertThat(tokens.out().lines()).isNotEmpty();
        CommandRun status = new CommandRun();
        assertThat(execute(status, config, "status", "--max-lag=1000000"))
                .as(status.toString())
                .isZero();
        CommandRun watch = new CommandRun();
        interrupted(watch, "watching edistream.", config, "watch");
        CommandRun exporter = new CommandRun();
        interrupted(exporter, "metrics at http://", config, "exporter", "--metrics=localhost:0");
        jobThread.interrupt();
        assertThat(jobEnds.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(1);

        for (CommandRun any : List.of(run, job, generate, tail, tokens, status, watch, exporter)) {
            assertThat(any.toString()).doesNotContain(SECRET, "failed.", "\tat ");
        }
    }

    @Test
    void aWrongPasswordIsASentenceWithoutIt() throws Exception {
        Path config = config("wrong", WRONG);
        for (List<String> command : List.of(
                List.of("topics", "--create"),
                List.of("tail", "scores"),
                List.of("status"),
                List.of("watch"),
                List.of("job"))) {
            CommandRun refused = new CommandRun();
            assertThat(execute(refused, config, command.toArray(String[]::new)))
                    .as("%s: %s", command, refused)
                    .isNotZero();
            assertThat(refused.err())
                    .contains("Kafka at " + kafka.bootstrapServers()
                            + " refuses the login of --kafka-config or --kafka-property: Authentication failed")
                    .doesNotContain(WRONG, "\tat ");
        }
    }

    /** As somebody starts it, with all that Kafka and Flink log. */
    @Test
    void noLogHoldsASecret() throws Exception {
        Path right = config("logged", SECRET);
        assertThat(process(right, "topics", "--create")).contains("exit 0").doesNotContain(SECRET);
        assertThat(process(right, "tail", "token-entropy", "--max=1"))
                .contains("exit 0", "sasl.jaas.config = [hidden]")
                .doesNotContain(SECRET);
        assertThat(process(config("logged-wrong", WRONG), "tail", "token-entropy"))
                .contains("Authentication failed", "exit 2")
                .doesNotContain(WRONG);
        assertThat(process(config("broken", SECRET + "\" " + WRONG + " \""), "job"))
                .contains("exit 2")
                .doesNotContain(SECRET, WRONG, "\tat io.edistream");
    }

    @Test
    void certificatesAreCheckedAndTheirPasswordsComeFromAFile() throws Exception {
        Path keys = folder.resolve("keys.p12");
        keytool(
                "-genkeypair",
                "-alias",
                "broker",
                "-keyalg",
                "RSA",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "SAN=ip:127.0.0.1",
                "-validity",
                "2",
                "-storetype",
                "PKCS12",
                "-keystore",
                keys.toString());
        Map<String, String> login = Map.of(
                "security.protocol",
                "SSL",
                "ssl.truststore.location",
                keys.toString(),
                "ssl.truststore.password",
                SECRET);
        try (EmbeddedKafka secured = EmbeddedKafka.start(
                Map.of(
                        "listener.security.protocol.map",
                        "PLAINTEXT:SSL,CONTROLLER:PLAINTEXT",
                        "ssl.keystore.location",
                        keys.toString(),
                        "ssl.keystore.password",
                        SECRET,
                        "ssl.key.password",
                        SECRET,
                        "ssl.truststore.location",
                        keys.toString(),
                        "ssl.truststore.password",
                        SECRET),
                login)) {
            String servers = "--bootstrap-servers=" + secured.bootstrapServers();
            Path config = tls("tls", keys, SECRET);
            assertThat(run.execute("topics", "--create", servers, "--kafka-config=" + config))
                    .as(run.err())
                    .isZero();
            assertThat(run.execute("tail", "scores", servers, "--kafka-config=" + config))
                    .as(run.err())
                    .isZero();

            CommandRun locked = new CommandRun();
            assertThat(locked.execute("tail", "scores", servers, "--kafka-config=" + tls("locked", keys, WRONG)))
                    .isEqualTo(2);
            assertThat(locked.err()).contains("password").doesNotContain(WRONG, "\tat ");
            CommandRun unknown = new CommandRun();
            assertThat(unknown.execute("tail", "scores", servers, "--kafka-property=security.protocol=SSL"))
                    .isEqualTo(2);
            assertThat(unknown.err()).contains("SSL handshake failed");
        }
    }

    @Test
    void whatIsMistypedConnectsNowhere() throws Exception {
        Path config = Files.writeString(folder.resolve("mistyped"), "securty.protocol=SASL_SSL\n");
        for (String command : List.of("topics", "tail scores", "status", "watch", "exporter", "job", "generate")) {
            CommandRun refused = new CommandRun();
            assertThat(execute(refused, config, command.split(" ")))
                    .as("%s: %s", command, refused)
                    .isEqualTo(2);
            assertThat(refused.err())
                    .contains("'securty.protocol': no client knows it (did you mean 'security.protocol'?)")
                    .doesNotContain("SASL_SSL", "\tat ");
        }
    }

    @Test
    void noMessageRepeatsWhatWasTyped() {
        for (String typed :
                List.of("acks=" + SECRET, "sasl.jaas.cofig=" + SECRET, "sasl.jaas.config=" + SECRET, SECRET)) {
            CommandRun refused = new CommandRun();
            assertThat(refused.execute("tail", "scores", "--bootstrap-servers=localhost:1", "--kafka-property", typed))
                    .isEqualTo(2);
            assertThat(refused.err()).contains("roperty").doesNotContain(SECRET, "\tat ");
        }
    }

    private static int execute(CommandRun command, Path config, String... words) {
        List<String> arguments = new ArrayList<>(List.of(words));
        arguments.add(1, "--kafka-config=" + config);
        arguments.add(1, "--bootstrap-servers=" + kafka.bootstrapServers());
        return command.execute(arguments.toArray(String[]::new));
    }

    private static void interrupted(CommandRun command, String until, Path config, String... words) throws Exception {
        CompletableFuture<Integer> ends = new CompletableFuture<>();
        Thread thread = new Thread(() -> ends.complete(execute(command, config, words)));
        thread.start();
        await(() -> command.err().contains(until) || ends.isDone());
        thread.interrupt();
        assertThat(ends.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as(command.toString())
                .isZero();
    }

    private static String process(Path config, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dedistream.log.level=info",
                "-Dorg.apache.avro.SERIALIZABLE_PACKAGES=io.edistream.schemas",
                "-cp",
                System.getProperty("java.class.path"),
                "io.edistream.cli.Edistream"));
        command.addAll(List.of(words));
        command.add("--bootstrap-servers=" + kafka.bootstrapServers());
        command.add("--kafka-config=" + config);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return output + "exit " + process.waitFor();
    }

    private static void keytool(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(words));
        command.addAll(List.of("-storepass", SECRET, "-keypass", SECRET));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    private static Path config(String name, String password) throws IOException {
        Path secrets = secret(name, password);
        return Files.writeString(
                folder.resolve(name + ".properties"),
                provider() + "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config=" + MODULE
                        + "\\\n    username=\"admin\" password=\"${file:" + secrets + ":password}\";\n");
    }

    private static Path tls(String name, Path keys, String password) throws IOException {
        return Files.writeString(
                folder.resolve(name + ".properties"),
                provider() + "security.protocol=SSL\nssl.truststore.location=" + keys
                        + "\nssl.truststore.password=${file:" + secret(name, password) + ":password}\n");
    }

    private static Path secret(String name, String password) throws IOException {
        return Files.writeString(folder.resolve(name + ".secrets"), "password=" + password + "\n");
    }

    private static String provider() {
        return "config.providers=file\nconfig.providers.file.class="
                + "org.apache.kafka.common.config.provider.FileConfigProvider\n";
    }

    private Path problems() throws IOException {
        CommandRun problems = new CommandRun();
        assertThat(problems.execute("problems", "--problems=2", "--models=" + Path.of("..", "models")))
                .as(problems.err())
                .isZero();
        return Files.writeString(folder.resolve("problems.jsonl"), problems.out());
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("still waiting").isLessThan(end);
            Thread.onSpinWait();
        }
    }
}
