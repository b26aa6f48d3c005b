package io.edistream.gateway.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What nobody watches goes through as it is, and whoever breaks off is noticed on the other side. */
@Timeout(60)
class PassThroughTest {

    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

    @TempDir
    private Path folder;

    private RawUpstream upstream;

    @BeforeEach
    void listen() throws IOException {
        upstream = new RawUpstream();
    }

    @AfterEach
    void stopListening() throws IOException {
        upstream.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/responses", "/v1/messages", "/v1/chat/completions", "/v1/anything/else?x=%20y"})
    void aRequestAndItsAnswerAreNotTouched(String path) throws Exception {
        String body = "{ \"model\" : \"m\" ,\"odd\": [1.50, \"\\u00e9\"]}";
        byte[] answer = new byte[200_000];
        new Random(5).nextBytes(answer);
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post(
                    path, body, "X-Odd: 1", "Authorization: Bearer mine", "OpenAI-Beta: yes", "X-Stainless-Lang: java");
            try (Peer engine = upstream.accept()) {
                String head = engine.readHead();
                assertThat(head).startsWith("POST " + path + " HTTP/1.1\r\n");
                assertThat(head.toLowerCase(java.util.Locale.ROOT))
                        .contains(
                                "authorization: bearer mine",
                                "openai-beta: yes",
                                "x-stainless-lang: java",
                                "x-request-id: ")
                        .doesNotContain("x-odd");
                assertThat(engine.readBody(head)).asString(UTF_8).isEqualTo(body);
                engine.send("HTTP/1.1 418 Teapot\r\nX-Theirs: yes\r\nContent-Length: " + answer.length + "\r\n\r\n")
                        .send(answer);
                String got = client.readHead();
                assertThat(got).startsWith("HTTP/1.1 418").containsIgnoringCase("x-theirs: yes");
                assertThat(client.readBody(got)).isEqualTo(answer);
            }
        }
    }

    @Test
    void aStreamComesAsItIsSent() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post("/v1/responses", "{\"stream\":true}");
            try (Peer engine = upstream.asked()) {
                engine.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
                client.readHead();
                for (String part : new String[] {"data: 1\n\n", "data", ": 2\r\n\r\n", ": comment\n\n"}) {
                    engine.send(Peer.chunk(part));
                    assertThat(client.readChunk()).asString(UTF_8).isEqualTo(part);
                }
                engine.send("0\r\n\r\n");
                assertThat(client.readChunk()).isEmpty();
            }
        }
    }

    @Test
    void aClientThatLeavesClosesTheUpstream() throws Exception {
        try (GatewayFixture gateway = gateway("")) {
            for (boolean begun : new boolean[] {false, true}) {
                Peer client = gateway.client();
                client.post("/v1/responses", "{}");
                try (Peer engine = upstream.asked()) {
                    if (begun) {
                        engine.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + Peer.chunk("a"));
                        client.readHead();
                        client.readChunk();
                    }
                    client.close();
                    engine.awaitClosed();
                }
            }
        }
    }

    @Test
    void anUpstreamThatBreaksOffIsNotMendedInTheMiddle() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post("/v1/responses", "{}");
            try (Peer engine = upstream.asked()) {
                engine.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + Peer.chunk("a"));
                client.readHead();
                assertThat(client.readChunk()).asString(UTF_8).isEqualTo("a");
            }
            client.awaitClosed();
        }
    }

    @Test
    void whoDoesNotAnswerAtAllIsAskedOnceMore() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.post("/v1/responses", "{\"a\":1}");
            upstream.asked().close();
            try (Peer engine = upstream.accept()) {
                assertThat(engine.readBody(engine.readHead())).asString(UTF_8).isEqualTo("{\"a\":1}");
            }
            String head = client.readHead();
            assertThat(head).startsWith("HTTP/1.1 502");
            assertThat(client.readBody(head)).asString(UTF_8).contains("upstream local broke off before it answered");
            assertThat(upstream.hasNoOther()).isTrue();
        }
    }

    /** Engines close used connections when they please, several at a time: the second try is on one that nobody has used. */
    @Test
    void theSecondTryIsOnAConnectionOfItsOwn() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client();
                Peer other = gateway.client()) {
            client.post("/v1/responses", "{}");
            other.post("/v1/responses", "{}");
            try (Peer used = upstream.asked();
                    Peer usedToo = upstream.asked()) {
                for (Peer engine : List.of(used, usedToo)) {
                    engine.send(OK + "Content-Length: 2\r\n\r\n{}");
                }
                client.readBody(client.readHead());
                other.readBody(other.readHead());
                for (Peer engine : List.of(used, usedToo)) {
                    new Thread(() -> closeWhenAsked(engine), "closes").start();
                }
                client.post("/v1/responses", "{}");
                try (Peer engine = upstream.asked()) {
                    engine.send(OK + "Content-Length: 2\r\n\r\n{}");
                    assertThat(client.readHead()).startsWith("HTTP/1.1 200");
                }
            }
        }
    }

    /** A thread of llama.cpp's waits on each idle connection, for which others may have to wait. */
    @ParameterizedTest
    @CsvSource({"llamacpp,false", "vllm,true", "generic,true"})
    void connectionsAreKeptWhereThatHoldsNobodyUp(String kind, boolean kept) throws Exception {
        try (GatewayFixture gateway = new GatewayFixture(
                        folder,
                        "upstreams: [{name: local, url: '" + upstream.url() + "', kind: " + kind + "}]\n"
                                + "routes: [{model: small, upstreams: [{name: local}]}]\n",
                        null);
                Peer client = gateway.client()) {
            client.post("/v1/embeddings", "{\"model\":\"small\"}");
            try (Peer first = upstream.asked()) {
                first.send(OK + "Content-Length: 2\r\n\r\n{}");
                client.readBody(client.readHead());
                client.post("/v1/embeddings", "{\"model\":\"small\"}");
                if (kept) {
                    assertThat(first.readHead()).startsWith("POST /v1/embeddings");
                } else {
                    first.awaitClosed();
                    upstream.asked().close();
                }
            }
        }
    }

    private static void closeWhenAsked(Peer engine) {
        try (engine) {
            engine.readHead();
        } catch (IOException e) {
            // The test is over, and it was never asked.
        }
    }

    /** Nine of ten requests are drawn for one that is not there: each is answered all the same, and soon it is asked no more. */
    @Test
    void whatAnUpstreamThatIsNotThereWasToAnswerAnotherDoes() throws Exception {
        String nobody;
        try (RawUpstream gone = new RawUpstream()) {
            nobody = gone.url();
        }
        String yaml = "upstreams: [{name: gone, url: '" + nobody + "', kind: generic}, {name: local, url: '"
                + upstream.url() + "', kind: generic}]\n"
                + "routes: [{model: m, upstreams: [{name: gone, weight: 9}, {name: local, weight: 1}]}]\n";
        try (GatewayFixture gateway = new GatewayFixture(folder, yaml, null)) {
            for (int round = 0; round < 20; round++) {
                try (Peer client = gateway.client()) {
                    client.post("/v1/responses", "{\"model\":\"m\"}");
                    try (Peer engine = upstream.asked()) {
                        engine.send(OK + "Connection: close\r\nContent-Length: 2\r\n\r\n{}");
                        assertThat(client.readHead()).startsWith("HTTP/1.1 200");
                    }
                }
            }
            assertThat(gateway.metrics())
                    .contains("edistream_gateway_upstream_up{upstream=\"gone\"} 0.0")
                    .contains("edistream_gateway_upstream_up{upstream=\"local\"} 1.0");
        }
    }

    @Test
    void anUpstreamThatIsNotThereIsNamed() throws Exception {
        upstream.close();
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            for (int request = 0; request < 2; request++) {
                client.post("/v1/chat/completions", "{}");
                String head = client.readHead();
                assertThat(head).startsWith(request == 0 ? "HTTP/1.1 502" : "HTTP/1.1 503");
                assertThat(client.readBody(head))
                        .asString(UTF_8)
                        .contains(request == 0 ? "upstream local" : "no upstream");
            }
        }
    }

    @Test
    void whatIsTooMuchIsRefused() throws Exception {
        try (GatewayFixture gateway = gateway("limits: {body_bytes: 1024, streams_per_client: 1}");
                Peer client = gateway.client();
                Peer other = gateway.client();
                Peer third = gateway.client()) {
            client.post("/v1/responses", "\"" + "x".repeat(1023) + "\"");
            assertThat(client.readHead()).startsWith("HTTP/1.1 413");
            client.awaitClosed();
            other.post("/v1/responses", "{}");
            try (Peer engine = upstream.asked()) {
                third.post("/v1/responses", "{}");
                String head = third.readHead();
                assertThat(head).startsWith("HTTP/1.1 429").containsIgnoringCase("retry-after: 1");
                assertThat(third.readBody(head)).asString(UTF_8).contains("1 requests");
                engine.send(OK + "Content-Length: 2\r\n\r\n{}");
                assertThat(other.readBody(other.readHead())).asString(UTF_8).isEqualTo("{}");
                // There is room again.
                third.post("/v1/responses", "{}");
                engine.readBody(engine.readHead());
                engine.send(OK + "Content-Length: 2\r\n\r\n[]");
                assertThat(third.readBody(third.readHead())).asString(UTF_8).isEqualTo("[]");
            }
        }
    }

    @Test
    void anUpstreamThatIsFullOrSilentIsToldApart() throws Exception {
        String yaml = "upstreams: [{name: local, url: '" + upstream.url() + "', kind: generic, streams: 1}]\n"
                + "limits: {first_byte_seconds: 0.2, idle_seconds: 0.2}";
        try (GatewayFixture gateway = new GatewayFixture(folder, yaml, null);
                Peer client = gateway.client();
                Peer other = gateway.client()) {
            client.post("/v1/responses", "{}");
            try (Peer engine = upstream.asked()) {
                other.post("/v1/responses", "{}");
                String full = other.readHead();
                assertThat(full).startsWith("HTTP/1.1 429");
                other.readBody(full);
                String late = client.readHead();
                assertThat(late).startsWith("HTTP/1.1 504");
                assertThat(client.readBody(late)).asString(UTF_8).contains("upstream local has not answered");
                engine.awaitClosed();
            }
            client.post("/v1/responses", "{}");
            try (Peer engine = upstream.asked()) {
                engine.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n" + Peer.chunk("data: 1\n\n"));
                client.readHead();
                client.readChunk();
                assertThat(client.readChunk()).asString(UTF_8).contains("was silent");
                client.readChunk();
            }
            client.post("/v1/responses", "{}");
            try (Peer engine = upstream.asked()) {
                engine.send(OK + "Content-Length: 100\r\n\r\n{");
                client.readHead();
                // What is not a stream cannot hold an error: it must not look whole.
                client.awaitClosed();
            }
        }
    }

    @Test
    void clientsWithKeysAreToldApartAndTheirKeysStay() throws Exception {
        String yaml = "upstreams: [{name: local, url: '" + upstream.url()
                + "', kind: generic, key: {environment: OURS}}]\n"
                + "clients: [{name: one, key: {environment: ONE}}, {name: two, key: {environment: TWO}}]\n";
        try (GatewayFixture gateway = new GatewayFixture(folder, yaml, null);
                Peer client = gateway.client()) {
            for (String wrong : new String[] {"X: y", "Authorization: Bearer sk-on", "Authorization: sk-one"}) {
                client.post("/v1/responses", "{}", wrong);
                String head = client.readHead();
                assertThat(head).startsWith("HTTP/1.1 401");
                assertThat(client.readBody(head))
                        .asString(UTF_8)
                        .contains("invalid_api_key")
                        .doesNotContain("sk-on");
            }
            client.post("/v1/responses", "{}", "Authorization: Bearer sk-two");
            try (Peer engine = upstream.accept()) {
                String head = engine.readHead();
                assertThat(head)
                        .containsIgnoringCase("authorization: Bearer sk-ours")
                        .doesNotContain("sk-two");
                engine.readBody(head);
                engine.send(OK + "Content-Length: 2\r\n\r\n{}");
                client.readBody(client.readHead());
            }
        }
    }

    @Test
    void modelsAreRoutedAndNamedAsTheirUpstreamsWant() throws Exception {
        try (RawUpstream second = new RawUpstream();
                GatewayFixture gateway = new GatewayFixture(
                        folder,
                        "upstreams: [{name: a, url: '" + upstream.url()
                                + "', kind: generic, models: [m]}, {name: b, url: '"
                                + second.url() + "/base/v1', kind: generic}]\n"
                                + "routes: [{model: alias, upstreams: [{name: b, model: real}]}]",
                        null);
                Peer client = gateway.client()) {
            client.post("/v1/embeddings", "{\"model\":\"alias\",\"x\":1}");
            try (Peer engine = second.accept()) {
                String head = engine.readHead();
                assertThat(head).startsWith("POST /base/v1/embeddings ");
                assertThat(engine.readBody(head)).asString(UTF_8).isEqualTo("{\"model\":\"real\",\"x\":1}");
                engine.send(OK + "Content-Length: 2\r\n\r\n{}");
                client.readBody(client.readHead());
            }
            client.post("/v1/chat/completions", "{\"model\":\"other\"}");
            String unknown = client.readHead();
            assertThat(unknown).startsWith("HTTP/1.1 404");
            assertThat(client.readBody(unknown)).asString(UTF_8).contains("model_not_found", "other");
            client.send("GET /v1/models HTTP/1.1\r\nHost: t\r\n\r\n");
            assertThat(client.readBody(client.readHead())).asString(UTF_8).contains("\"alias\"", "\"m\"");
            client.send("GET /nowhere HTTP/1.1\r\nHost: t\r\n\r\n");
            assertThat(client.readHead()).startsWith("HTTP/1.1 404");
        }
    }

    @Test
    void aRequestIdOfTheClientWinsUnlessItIsTakenOrOdd() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client();
                Peer other = gateway.client();
                Peer third = gateway.client()) {
            client.post("/v1/responses", "{}", "X-Request-Id: mine-1");
            try (Peer engine = upstream.accept()) {
                assertThat(engine.readHead()).containsIgnoringCase("x-request-id: mine-1\r\n");
                other.post("/v1/responses", "{}", "X-Request-Id: mine-1");
                try (Peer second = upstream.accept()) {
                    assertThat(second.readHead()).containsIgnoringCase("x-request-id: edi-");
                    third.post("/v1/responses", "{}", "X-Request-Id: not a name");
                    try (Peer last = upstream.accept()) {
                        assertThat(last.readHead()).containsIgnoringCase("x-request-id: edi-");
                    }
                }
            }
        }
    }

    @Test
    void healthAndReadinessNeedNoKey() throws Exception {
        try (GatewayFixture gateway = gateway("clients: [{name: one, key: {environment: ONE}}]");
                Peer client = gateway.client()) {
            for (String path : new String[] {"/health", "/ready"}) {
                client.send("GET " + path + " HTTP/1.1\r\nHost: t\r\n\r\n");
                String head = client.readHead();
                assertThat(head).startsWith("HTTP/1.1 200");
                client.readBody(head);
            }
        }
    }

    @Test
    void metricsAreOnTheFaceForWhoeverMayAsk() throws Exception {
        try (GatewayFixture gateway = gateway("");
                Peer client = gateway.client()) {
            client.send("GET /metrics HTTP/1.1\r\nHost: t\r\n\r\n");
            String head = client.readHead();
            assertThat(head).startsWith("HTTP/1.1 200").containsIgnoringCase("content-type: text/plain");
            assertThat(client.readBody(head))
                    .asString(UTF_8)
                    .contains("edistream_gateway_upstream_up{upstream=\"local\"} 1.0");
        }
        try (GatewayFixture gateway = gateway("clients: [{name: one, key: {environment: ONE}}]\n");
                Peer client = gateway.client()) {
            client.send("GET /metrics HTTP/1.1\r\nHost: t\r\n\r\n");
            String head = client.readHead();
            assertThat(head).startsWith("HTTP/1.1 401");
            assertThat(client.readBody(head)).asString(UTF_8).doesNotContain("edistream_gateway");
            client.send("GET /metrics HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer sk-one\r\n\r\n");
            assertThat(client.readHead()).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void anEngineThatNobodyElseUsesIsAskedWhatItRuns() throws Exception {
        try (GatewayFixture gateway = new GatewayFixture(
                        folder,
                        "upstreams: [{name: local, url: '" + upstream.url() + "', kind: llamacpp, exclusive: true}]\n",
                        null);
                Peer engine = upstream.accept()) {
            assertThat(engine.readHead()).startsWith("GET /slots HTTP/1.1");
            String slots = "[{\"is_processing\":true},{\"is_processing\":true}]";
            engine.send("HTTP/1.1 200 OK\r\nContent-Length: " + slots.length() + "\r\n\r\n" + slots);
            gateway.awaitMetric("edistream_gateway_engine_excess_requests{upstream=\"local\"} 2.0");
            assertThat(gateway.metrics())
                    .contains("edistream_gateway_engine_requests{upstream=\"local\"} 2.0")
                    .contains("edistream_gateway_upstream_requests{upstream=\"local\"} 0.0");
        }
    }

    @Test
    void theAccessLogHasALineForEachRequestAndNoneOfItsText() throws Exception {
        try (GatewayFixture gateway = gateway("")) {
            Peer client = gateway.client();
            client.post("/v1/embeddings", "{\"model\":\"m\",\"input\":\"secret\"}", "X-Request-Id: mine");
            try (Peer engine = upstream.asked()) {
                engine.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nsecret too");
                client.readBody(client.readHead());
            }
            client.post("/v1/embeddings", "{\"input\":\"secret\"}");
            try (Peer engine = upstream.asked()) {
                client.close();
                engine.awaitClosed();
            }
            while (gateway.accessLog().lines().count() < 2) {
                Thread.onSpinWait();
            }
            assertThat(gateway.accessLog()).doesNotContain("secret");
            List<String> lines = gateway.accessLog().lines().toList();
            assertThat(lines.get(0))
                    .contains("\"request\":\"mine\"", "\"model\":\"m\"", "\"upstream\":\"local\"", "\"status\":200")
                    .contains("\"outcome\":\"complete\"", "\"bytes\":10", "\"path\":\"/v1/embeddings\"");
            assertThat(lines.get(1)).contains("\"outcome\":\"client_left\"");
        }
    }

    private GatewayFixture gateway(String more) throws Exception {
        return new GatewayFixture(
                folder, "upstreams: [{name: local, url: '" + upstream.url() + "', kind: generic}]\n" + more, null);
    }
}
