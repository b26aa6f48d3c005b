package io.edistream.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigFileTest {

    private static final String LOCAL = "{name: local, url: 'http://127.0.0.1:8080', kind: llamacpp}";

    @TempDir
    private Path folder;

    @Test
    void oneUpstreamIsEnough() throws Exception {
        GatewayConfig config = read("upstreams: [" + LOCAL + "]");
        assertThat(config.listen()).hasToString("127.0.0.1:8100");
        assertThat(config.limits()).isEqualTo(Limits.DEFAULT);
        Route route = config.route("whatever").orElseThrow();
        assertThat(route.name()).isEqualTo("default");
        assertThat(route.watch()).isEqualTo(1);
        assertThat(route.tellEnds()).isTrue();
        assertThat(route.samples()).isEqualTo(8);
        assertThat(route.targets()).singleElement().satisfies(target -> {
            assertThat(target.model()).isNull();
            assertThat(target.upstream().kind()).isEqualTo(UpstreamKind.LLAMACPP);
            assertThat(target.upstream().alternatives()).isEqualTo(20);
            assertThat(target.upstream().vocabulary()).isZero();
        });
    }

    @Test
    void everythingThatCanBeSaidIsHeard() throws Exception {
        Files.writeString(folder.resolve("key"), "sk-1\n");
        GatewayConfig config = read(
                """
                listen: 0.0.0.0:9000
                upstreams:
                  - {name: a, url: 'https://example.org/some/path/v1/', kind: vllm, models: [m, big], key: {file: key},
                     vocabulary: 32000, alternatives: 5, exclusive: true, streams: 7}
                  - {name: b, url: 'http://b:1', kind: openai, key: {environment: B_KEY}}
                routes:
                  - model: m
                    upstreams: [{name: a, model: other, weight: 3}, {name: b}]
                    watch: 0.25
                    thinking: {open: <think>, close: </think>}
                    tell_ends: false
                    heartbeats: false
                    samples: 32
                clients:
                  - {name: team, key: {environment: TEAM_KEY}}
                limits: {body_bytes: 2048, event_bytes: 4096, streams: 9, streams_per_client: 3, samples: 17,
                         buffer_bytes: 8192, first_byte_seconds: 1.5, idle_seconds: 2, drain_seconds: 3}
                """);
        Upstream a = config.upstreams().get(0);
        assertThat(a.base()).hasToString("https://example.org/some/path");
        assertThat(a.key()).isNotNull();
        assertThat(a.key().bearer()).isEqualTo("Bearer sk-1");
        assertThat(a)
                .extracting(Upstream::vocabulary, Upstream::alternatives, Upstream::exclusive, Upstream::streams)
                .containsExactly(32000, 5, true, 7);
        Route m = config.route("m").orElseThrow();
        assertThat(m.targets())
                .extracting(Route.Target::model, Route.Target::weight)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("other", 3), org.assertj.core.groups.Tuple.tuple("m", 1));
        assertThat(m.thinking()).isEqualTo(new Route.Thinking("<think>", "</think>"));
        assertThat(m)
                .extracting(Route::watch, Route::tellEnds, Route::heartbeats, Route::samples)
                .containsExactly(.25, false, false, 32);
        assertThat(config.route("big").orElseThrow().targets())
                .extracting(target -> target.upstream().name())
                .containsExactly("a");
        assertThat(config.route("none")).as("b is named by a route").isEmpty();
        assertThat(config.clients()).singleElement().satisfies(client -> {
            assertThat(client.key().isIn("Bearer sk-team")).isTrue();
            assertThat(client.key().isIn("Bearer sk-tean")).isFalse();
            assertThat(client.toString()).doesNotContain("sk-team");
        });
        assertThat(config.limits())
                .isEqualTo(new Limits(
                        2048,
                        4096,
                        9,
                        3,
                        17,
                        8192,
                        Duration.ofMillis(1500),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(3)));
    }

    @Test
    void whatEndsReasoningIsTheClosingTagUnlessItIsSaid() throws Exception {
        String one =
                "upstreams: [{name: a, url: 'http://a', kind: llamacpp}]\nroutes: [{model: m, upstreams: [{name: a}]";
        assertThat(read(one + "}]").route("m").orElseThrow().conclude()).isNull();
        assertThat(read(one + ", conclude: engine}]").route("m").orElseThrow().conclude())
                .isEqualTo(Route.Conclude.ENGINE);
        Route said = read(one + ", conclude: text, thinking: {open: x, close: y, conclude: soy}}]")
                .route("m")
                .orElseThrow();
        assertThat(said.conclude()).isEqualTo(Route.Conclude.TEXT);
        assertThat(said.thinking()).isEqualTo(new Route.Thinking("x", "y", "soy"));
        assertThat(read(one + ", conclude: text, thinking: {open: x, close: y}}]")
                        .route("m")
                        .orElseThrow()
                        .thinking())
                .isEqualTo(new Route.Thinking("x", "y", "y"));
    }

    @Test
    void oneModelOfTwoUpstreamsIsOneRoute() throws Exception {
        GatewayConfig config = read("upstreams: [{name: a, url: 'http://a', kind: vllm, models: [m]},"
                + " {name: b, url: 'http://b', kind: vllm, models: [m]}]");
        assertThat(config.route("m").orElseThrow().targets()).hasSize(2);
        assertThat(config.route("n")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "upstreams: []|upstreams",
                "{}|upstreams",
                "upstream: []|upstream",
                "upstreams: [{name: a, url: 'http://a', kind: tgi}]|llamacpp",
                "upstreams: [{name: a, url: 'ftp://a', kind: vllm}]|url",
                "upstreams: [{name: a, url: 'http://user:pw@a', kind: vllm}]|key",
                "upstreams: [{name: a, url: 'http:///x', kind: vllm}]|host",
                "upstreams: [{name: '', url: 'http://a', kind: vllm}]|name",
                "upstreams: [{name: a, url: 'http://a', kind: vllm, vocabulary: 1}]|vocabulary",
                "upstreams: [{name: a, url: 'http://a', kind: vllm, alternatives: 1001}]|alternatives",
                "upstreams: [{name: a, url: 'http://a', kind: vllm, alternatives: -1}]|alternatives",
                "upstreams: [{name: a, url: 'http://a', kind: vllm, key: {file: nowhere}}]|no such file",
                "upstreams: [{name: a, url: 'http://a', kind: vllm, key: {file: big}}]|8192",
                "upstreams: [{name: a, url: 'http://a', kind: vllm, key: {file: two}}]|ASCII",
                "upstreams: [{name: a, url: 'http://a', kind: vllm, key: {environment: NOT_THERE}}]|NOT_THERE",
                "upstreams: [{name: a, url: 'http://a', kind: vllm, key: sk-123}]|key",
                "upstreams: [{name: a, url: 'http://a', kind: vllm}, {name: a, url: 'http://b', kind: vllm}]|two upstreams",
                "upstreams: [{name: a, name: b, url: 'http://a', kind: vllm}]|name",
                "{listen: nowhere, upstreams: [{name: a, url: 'http://a', kind: vllm}]}|host:port",
                "{listen: '0.0.0.0:1', upstreams: [{name: a, url: 'http://a', kind: vllm, key: {environment: B_KEY}}]}|clients",
                "{upstreams: [{name: a, url: 'http://a', kind: vllm}], routes: [{model: m, upstreams: [{name: z}]}]}|no upstream z",
                "{upstreams: [{name: a, url: 'http://a', kind: vllm}], routes: [{model: m, upstreams: [{name: a}, {name: a}]}]}|twice",
                "{upstreams: [{name: a, url: 'http://a', kind: vllm}], routes: [{model: m, upstreams: [{name: a}]}, {model: m, upstreams: [{name: a}]}]}|two routes",
                "{upstreams: [{name: a, url: 'http://a', kind: vllm}], routes: [{model: m, watch: 1.1, upstreams: [{name: a}]}]}|watch",
                "{upstreams: [{name: a, url: 'http://a', kind: vllm}], limits: {body_bytes: 1}}|body_bytes",
                "{upstreams: [{name: a, url: 'http://a', kind: vllm}], limits: {samples: 0}}|samples",
                "{upstreams: [{name: a, url: 'http://a', kind: vllm}], routes: [{model: m, samples: 33, upstreams: [{name: a}]}]}|samples",
                "{upstreams: [{name: a, url: 'http://a', kind: vllm}], clients: [{name: a, key: {environment: B_KEY}}, {name: a, key: {environment: TEAM_KEY}}]}|two clients",
                "{upstreams: [{name: a, url: 'http://a', kind: vllm}], clients: [{name: a, key: {environment: B_KEY}}, {name: b, key: {environment: B_KEY}}]}|tell them apart",
                "{upstreams: [{name: a, url: 'http://a', kind: vllm}], routes: [{model: m, upstreams: [{name: a}], conclude: engine}]}|conclude: engine is for llamacpp, and upstream a is of kind vllm",
                "{upstreams: [{name: a, url: 'http://a', kind: vllm}], routes: [{model: m, upstreams: [{name: a}], conclude: yes}]}|conclude",
                "{upstreams: [{name: a, url: 'http://a', kind: vllm}], routes: [{model: m, upstreams: [{name: a}], conclude: text, thinking: {open: x, close: y, conclude: so}}]}|must contain y",
                "{upstreams: [{name: a, url: 'http://a', kind: llamacpp}], routes: [{model: m, upstreams: [{name: a}], conclude: engine, thinking: {open: x, close: y, conclude: soy}}]}|used by conclude: text alone",
                "upstreams: [|line",
                "just a word|object",
            })
    void whatIsWrongIsSaid(String yaml, String said) throws IOException {
        Files.writeString(folder.resolve("big"), "x".repeat(8193));
        Files.writeString(folder.resolve("two"), "sk-secret sk-secret");
        assertThatThrownBy(() -> read(yaml))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("gateway.yaml")
                .hasMessageContaining(said)
                .hasMessageNotContaining("sk-secret");
    }

    @Test
    void anEmptyAndAMissingFileAreSaid() {
        assertThatThrownBy(() -> read("")).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> ConfigFile.read(folder.resolve("none"), name -> null))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("no such file");
    }

    @Test
    void whereAnEngineOfOurOwnAnswersThereAreNoUpstreams() throws Exception {
        Path file = folder.resolve("gateway.yaml");
        Files.writeString(file, "clients: [{name: b, key: {environment: B_KEY}}]\nlimits: {streams: 9}\n");
        GatewayConfig config = ConfigFile.readForEngine(file, Map.of("B_KEY", "sk-b")::get);
        assertThat(config.clients()).hasSize(1);
        assertThat(config.limits().streams()).isEqualTo(9);
        assertThat(config.listen())
                .isEqualTo(GatewayConfig.forEngine().listen())
                .hasToString("127.0.0.1:8100");
        for (String member : new String[] {"upstreams: [" + LOCAL + "]", "routes: []"}) {
            Files.writeString(file, member);
            assertThatThrownBy(() -> ConfigFile.readForEngine(file, name -> null))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("upstreams and routes have no place here");
        }
    }

    private GatewayConfig read(String yaml) throws IOException, ConfigException {
        Path file = folder.resolve("gateway.yaml");
        Files.writeString(file, yaml);
        return ConfigFile.read(file, Map.of("B_KEY", "sk-b", "TEAM_KEY", "sk-team")::get);
    }
}
