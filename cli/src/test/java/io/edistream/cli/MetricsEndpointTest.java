package io.edistream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.http.ProcessState;
import io.edistream.http.StatusServer;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsEndpointTest {

    private static final ProcessState WELL = new ProcessState() {
        @Override
        public boolean isAlive() {
            return true;
        }

        @Override
        public List<Check> checks() {
            return List.of();
        }
    };

    @Test
    void prometheusReadsWhatTheGeneratorCounts() throws IOException, InterruptedException {
        PrometheusRegistry registry = new PrometheusRegistry();
        new GeneratorMetrics(registry).ledger("m", "default").decoded(3);
        try (StatusServer server = MetricsEndpoint.open("127.0.0.1:0", registry, WELL)) {
            URI address = URI.create("http://127.0.0.1:" + server.address().port() + "/metrics");
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body())
                    .contains("edistream_build_info{version=\"" + Edistream.Version.number() + "\"} 1")
                    .contains("edistream_generator_tokens_total{model=\"m\",route=\"default\"} 3.0");
        }
    }

    @Test
    void anAddressInUseIsRefused() {
        PrometheusRegistry registry = new PrometheusRegistry();
        try (StatusServer server = MetricsEndpoint.open("127.0.0.1:0", registry, WELL)) {
            String taken = "127.0.0.1:" + server.address().port();
            assertThatThrownBy(() -> MetricsEndpoint.open(taken, new PrometheusRegistry(), WELL))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("--metrics " + taken + ": cannot be opened: ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9404", "localhost", "localhost:", "localhost:65536", ":9404", "localhost:-1"})
    void whatIsNoAddressIsRefused(String address) {
        assertThatThrownBy(() -> MetricsEndpoint.open(address, new PrometheusRegistry(), WELL))
                .isInstanceOf(UserError.class)
                .hasMessage("--metrics " + address + ": must be host:port, the port 0 to 65535;"
                        + " IPv6 addresses stand in brackets");
    }
}
