package io.edistream.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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
                "just a word|the configuration must be made of members, of which there may be listen, tls, upstreams,",
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

    /** Of each way in which the schema can refuse something: where it is and what is allowed there, and never what stood there. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{upstream: []}|there is no member upstream in the configuration: there may be listen, tls, upstreams, routes, clients, limits",
                "{upstreams: [{name: a, url: 'http://a', kind: vllm, model: m}]}|there is no member model in upstreams[0]: there may be name, url, kind, models, key, authorities, vocabulary, tokenizer, alternatives, exclusive, streams",
                "{upstreams: [{name: a, kind: vllm}]}|upstreams[0] needs the member url",
                "{listen: 5}|listen must be a text",
                "{limits: {streams: many}}|limits.streams must be a whole number",
                "{limits: {idle_seconds: x}}|limits.idle_seconds must be a number",
                "{routes: [{model: m, upstreams: [{name: a}], tell_ends: 1}]}|routes[0].tell_ends must be true or false",
                "{upstreams: {name: a}}|upstreams must be a list",
                "{upstreams: [{name: a, url: 'http://a', kind: vllm, key: sk-secret}]}|upstreams[0].key must be made of members, of which there may be file, environment",
                "{upstreams: [{name: a, url: 'http://a', kind: vllm, key: {}}]}|upstreams[0].key must have one member: file or environment",
                "{clients: [{name: a, key: {file: f, environment: E}}]}|clients[0].key must have one member: file or environment",
                "{upstreams: [{name: a, url: 'http://a', kind: tgi}]}|upstreams[0].kind must be vllm or llamacpp or sglang or lmdeploy or openai or generic",
                "{routes: [{model: m, upstreams: [{name: a}], fallback: last}]}|routes[0].fallback must be first",
                "{upstreams: [{name: a, url: 'sk-secret', kind: vllm}]}|upstreams[0].url must look like http://127.0.0.1:8000 or https://host/v1",
                "{clients: [{name: a, key: {environment: 'sk-secret'}}]}|clients[0].key.environment must look like ENGINE_KEY",
                "{limits: {streams: 0}}|limits.streams must be at least 1 and at most 1000000",
                "{limits: {streams: 1000001}}|limits.streams must be at least 1 and at most 1000000",
                "{limits: {idle_seconds: 0}}|limits.idle_seconds must be more than 0 and at most 86400",
                "{upstreams: [{name: '', url: 'http://a', kind: vllm}]}|upstreams[0].name must have 1 to 256 characters",
                "{clients: [{name: a, key: {file: ''}}]}|clients[0].key.file must have 1 or more characters",
                "{upstreams: []}|upstreams must have 1 to 256 entries",
            })
    void whatIsAllowedIsSaid(String yaml, String said) {
        assertThatThrownBy(() -> read(yaml))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(said)
                .hasMessageNotContaining("sk-secret");
    }

    /** A list that may be empty says how long it may be. */
    @Test
    void aListThatIsTooLongIsSaid() {
        String routes = "{model: m, upstreams: [{name: a}]},".repeat(257);
        assertThatThrownBy(() -> read("routes: [" + routes + "]"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("routes must have at most 256 entries");
    }

    /** None is missing in the words, whatever the schema comes to use. */
    @Test
    void everyKeywordOfTheSchemaHasWords() {
        JsonNode schema = ConfigFile.schema();
        Set<String> keywords = new TreeSet<>();
        schema.findParents("type").forEach(node -> node.fieldNames().forEachRemaining(keywords::add));
        assertThat(keywords)
                .isSubsetOf(
                        "$schema",
                        "$ref",
                        "$defs",
                        "title",
                        "description",
                        "examples",
                        "type",
                        "properties",
                        "items",
                        "additionalProperties",
                        "required",
                        "pattern",
                        "minimum",
                        "exclusiveMinimum",
                        "maximum",
                        "minLength",
                        "maxLength",
                        "minItems",
                        "maxItems",
                        "minProperties",
                        "maxProperties");
        assertThat(schema.findParents("pattern")).allMatch(node -> node.has("examples"));
        assertThat(schema.findParents("minimum")).allMatch(node -> node.has("maximum"));
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
