package io.edistream.cli.exporter;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.cli.Await;
import io.edistream.cli.CommandRun;
import io.edistream.embedded.EmbeddedKafka;
import io.edistream.schemas.Topics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class ExporterCommandITCase {

    private static final Pattern ADDRESS = Pattern.compile("metrics at (http://[^/]+)/metrics, of edistream\\.\\*");
    private final CommandRun run = new CommandRun();
    private final HttpClient client = HttpClient.newHttpClient();

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        Matcher address = ADDRESS.matcher(run.err());
        assertThat(address.find()).as(run.err()).isTrue();
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(address.group(1) + path)).build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void itIsReadyOnceTheTopicsAreThereAndEndsWellWhenAsked() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
            CompletableFuture<Integer> exit = new CompletableFuture<>();
            Thread exporter = new Thread(() -> exit.complete(run.execute(
                    "exporter", "--bootstrap-servers", kafka.bootstrapServers(), "--metrics", "127.0.0.1:0")));
            exporter.start();
            Await.until(() -> run.err().contains("; waiting"));
            assertThat(get("/readyz").statusCode()).isEqualTo(503);
            assertThat(get("/readyz").body()).contains("Kafka lacks edistream.scores.v1");
            assertThat(get("/healthz").statusCode()).isEqualTo(200);
            kafka.createTopics(Topics.DEFAULT, 1);
            Await.until(() -> get("/readyz").statusCode() == 200);
            assertThat(get("/metrics").body())
                    .contains("edistream_build_info{version=\"")
                    .contains("edistream_exporter_records_total{topic=\"edistream.scores.v1\"} 0.0");
            exporter.interrupt();
            assertThat(exit.get(30, TimeUnit.SECONDS)).as(run.err()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--metrics 9406 | --metrics 9406: must be host:port",
                "--from soon | --from 'soon': must be earliest",
                "--bootstrap-servers nowhere | --bootstrap-servers 'nowhere': must be host:port",
                "--kafka-property security.protocol=ssh | Kafka property 'security.protocol': its value is refused: ",
                "--topic-prefix a/b | --topic-prefix 'a/b': "
            })
    void aWrongOptionIsNamedWithWhatIsAllowed(String options, String message) {
        String[] words = ("exporter --bootstrap-servers localhost:1 --metrics localhost:0 " + options).split(" ");
        assertThat(run.execute(words)).as(run.err()).isEqualTo(2);
        assertThat(run.err()).startsWith("edistream: " + message);
    }
}
