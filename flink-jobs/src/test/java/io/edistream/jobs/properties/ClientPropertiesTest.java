package io.edistream.jobs.properties;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientPropertiesTest {

    private static final String SECRET = "hunter2-Xk9";
    private static final String PROVIDER =
            """
            config.providers=file
            config.providers.file.class=org.apache.kafka.common.config.provider.FileConfigProvider
            security.protocol=SASL_SSL
            sasl.mechanism=PLAIN
            """;

    @TempDir
    private Path folder;

    @Test
    void theCommandLineGoesBeforeTheFile() throws IOException {
        Path file = file("# a comment\nsecurity.protocol = SSL\nlinger.ms: 7 \nssl.truststore.type=PEM\n");

        assertThat(ClientProperties.of(file, List.of("linger.ms=9", "client.id=a=b")))
                .isEqualTo(Map.of(
                        "security.protocol",
                        "SSL",
                        "linger.ms",
                        "9",
                        "ssl.truststore.type",
                        "PEM",
                        "client.id",
                        "a=b"));
        assertThat(ClientProperties.of(null, List.of())).isEmpty();
    }

    @Test
    void whatRefersToASecretStaysAsItIs() throws IOException {
        Path secrets = Files.writeString(folder.resolve("secrets"), "password=" + SECRET + "\n");
        String login =
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"u\" password=\"${file:"
                        + secrets + ":password}\";";
        Path file = file(PROVIDER + "sasl.jaas.config=" + login + "\n");

        assertThat(ClientProperties.of(file, List.of())).containsEntry("sasl.jaas.config", login);
    }

    @Test
    void aSecretThatIsNotThereIsAnError() throws IOException {
        Path secrets = Files.writeString(folder.resolve("secrets"), "password=" + SECRET + "\n");
        String reference = "sasl.jaas.config=${file:" + secrets + ":pasword}\n";
        assertThatThrownBy(() -> ClientProperties.of(file(PROVIDER + reference), List.of()))
                .hasMessageStartingWith("Kafka property 'sasl.jaas.config': holds a ${...} that is not resolved");
        assertThatThrownBy(() -> ClientProperties.of(
                        file("security.protocol=SASL_SSL\nsasl.jaas.config=${file:" + secrets + ":password}\n"),
                        List.of()))
                .hasMessageContaining("config.providers must name its provider");
        assertThatThrownBy(
                        () -> ClientProperties.of(file(PROVIDER + "sasl.jaas.config=${file:/absent/x:k}\n"), List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Kafka properties: Could not read properties from file /absent/x")
                .hasNoCause();
    }

    @Test
    void aProviderThatTheJvmDoesNotAllowIsAnError() throws IOException {
        Path file = file(PROVIDER + "sasl.jaas.config=${file:/absent/x:k}\n");
        System.setProperty("org.apache.kafka.automatic.config.providers", "none");
        try {
            assertThatThrownBy(() -> ClientProperties.of(file, List.of()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("org.apache.kafka.automatic.config.providers");
        } finally {
            System.clearProperty("org.apache.kafka.automatic.config.providers");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "securty.protocol, security.protocol",
        "Security.Protocol, security.protocol",
        "security_protocol, security.protocol",
        "sasl.jaas.cofig, sasl.jaas.config",
        "sals.mechanism, sasl.mechanism",
        "sasl.mechanisms, sasl.mechanism",
        "ssl.truststore.locaton, ssl.truststore.location",
        "truststore.location, ssl.truststore.location",
        "producer.security.protocol, security.protocol",
        "config.provider, config.providers"
    })
    void aMistypedPropertyOfSecurityIsAnErrorAndSaysWhatWasMeant(String typed, String meant) {
        assertThatThrownBy(() -> ClientProperties.of(null, List.of("security.protocol=SSL", typed + "=" + SECRET)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("Kafka property '" + typed + "': no client knows it (did you mean '" + meant
                        + "'?); it would be" + " ignored")
                .message()
                .doesNotContain(SECRET);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sasl.username", "ssl.ca.location", "security.x"})
    void whatBeginsLikeSecurityAndIsNotKnownIsAnError(String typed) {
        assertThatThrownBy(() -> ClientProperties.of(null, List.of(typed + "=" + SECRET)))
                .hasMessageStartingWith("Kafka property '" + typed + "': no client knows it");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "my.interceptor.url",
                "partition.discovery.interval.ms",
                "timeout.ms",
                "config.providers.vault.param.ssl.truststore.location",
                "client.dns.lookup"
            })
    void whatPluginsMayReadPasses(String name) {
        String value = name.equals("client.dns.lookup") ? "use_all_dns_ips" : "1";
        assertThat(ClientProperties.of(null, List.of(name + "=" + value))).containsEntry(name, value);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sasl.jaas.config", "ssl.truststore.location"})
    void securityWithoutItsProtocolIsAnError(String name) {
        assertThatThrownBy(() -> ClientProperties.of(null, List.of(name + "=" + SECRET)))
                .hasMessage("Kafka property '" + name + "': has no effect without security.protocol, which must be"
                        + " SASL_SSL, SASL_PLAINTEXT or SSL");
        assertThat(ClientProperties.of(null, List.of(name + "=" + SECRET, "security.protocol=PLAINTEXT")))
                .hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"security.protocol", "fetch.min.bytes", "acks", "retries", "partitioner.class"})
    void aValueThatKafkaRefusesIsNotRepeated(String name) {
        assertThatThrownBy(() -> ClientProperties.of(null, List.of(name + "=" + SECRET)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasNoCause()
                .hasMessageStartingWith("Kafka property '" + name + "': its value is refused: ")
                .message()
                .doesNotContain(SECRET);
    }

    @Test
    void whatIsNoPropertyIsNotRepeated() {
        assertThatThrownBy(() -> ClientProperties.of(null, List.of(SECRET)))
                .hasMessage("--kafka-property: must be KEY=VALUE");
        assertThatThrownBy(() -> ClientProperties.of(null, List.of("=" + SECRET)))
                .hasMessage("--kafka-property: must be KEY=VALUE");
    }

    @Test
    void aFileThatCannotBeUsedIsNamedAndNotRepeated() throws IOException {
        refused(folder.resolve("absent"), "there is no such file");
        refused(folder, "is a folder");
        refused(file("{\"password\": \"" + SECRET + "\"}"), "is not a file of properties: every line");
        refused(file("password=" + SECRET + "\\u12"), "holds a \\u");
        refused(Files.write(folder.resolve("latin"), new byte[] {'a', '=', (byte) 0xe4}), "must be text in UTF-8");
        refused(Files.write(folder.resolve("zero"), new byte[] {0, 1, 2}), "is not a file of properties");
    }

    @Test
    void aFileHasABound() throws IOException {
        byte[] most = new byte[PropertiesFile.MAX_BYTES];
        Arrays.fill(most, (byte) '#');
        assertThat(ClientProperties.of(Files.write(folder.resolve("most"), most), List.of()))
                .isEmpty();
        byte[] more = Arrays.copyOf(most, most.length + 1);
        refused(Files.write(folder.resolve("more"), more), "must have at most 1048576 bytes");
    }

    private static void refused(Path file, String reason) {
        assertThatThrownBy(() -> ClientProperties.of(file, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasNoCause()
                .hasMessageStartingWith("--kafka-config " + file + ": ")
                .hasMessageContaining(reason)
                .message()
                .doesNotContain(SECRET);
    }

    private Path file(String text) throws IOException {
        return Files.write(folder.resolve("client.properties"), text.getBytes(StandardCharsets.UTF_8));
    }
}
