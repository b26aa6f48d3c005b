package io.edistream.gateway.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.edistream.http.ListenAddress;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads a gateway's YAML file. Files that it names are looked for beside it. */
public final class ConfigFile {

    private static final String DEFAULT_LISTEN = "127.0.0.1:8100";
    private static final int DEFAULT_ALTERNATIVES = 20;
    private static final int DEFAULT_STREAMS = 256;

    /** A key file is one line. */
    private static final int MAX_KEY_BYTES = 8192;

    private final Path file;
    private final Function<String, @Nullable String> environment;

    private ConfigFile(Path file, Function<String, @Nullable String> environment) {
        this.file = file;
        this.environment = environment;
    }

    /**
     * Reads a file.
     *
     * @param environment value of an environment variable, null if there is none
     * @throws ConfigException if it cannot be used
     */
    public static GatewayConfig read(Path file, Function<String, @Nullable String> environment) throws ConfigException {
        return new ConfigFile(file, environment).read();
    }

    /**
     * Reads the file of a gateway whose answers come from an engine in the same process.
     *
     * @param environment value of an environment variable, null if there is none
     * @throws ConfigException if it cannot be used, or names upstreams or routes
     */
    public static GatewayConfig readForEngine(Path file, Function<String, @Nullable String> environment)
            throws ConfigException {
        ConfigFile config = new ConfigFile(file, environment);
        JsonNode tree = config.tree();
        if (tree.has("upstreams") || tree.has("routes")) {
            throw config.wrong(
                    "upstreams and routes have no place here: the models are in this process, and named by options");
        }
        return config.read(tree);
    }

    /** Where a gateway listens that is not told. */
    static ListenAddress usualAddress() {
        return ListenAddress.parse("listen", DEFAULT_LISTEN);
    }

    private GatewayConfig read() throws ConfigException {
        JsonNode tree = tree();
        if (!tree.has("upstreams")) {
            throw wrong("required member upstreams is missing");
        }
        return read(tree);
    }

    private GatewayConfig read(JsonNode tree) throws ConfigException {
        Map<String, Upstream> upstreams = upstreams(tree.path("upstreams"));
        List<Client> clients = clients(tree.path("clients"));
        ListenAddress listen = listen(tree.path("listen").asText(DEFAULT_LISTEN));
        requireLoopbackWithoutClients(listen, upstreams, clients);
        return new GatewayConfig(
                listen,
                tree.has("tls") ? certificate(tree.get("tls")) : null,
                List.copyOf(upstreams.values()),
                routes(tree.path("routes"), upstreams),
                clients,
                limits(tree.path("limits")));
    }

    private JsonNode tree() throws ConfigException {
        YAMLFactory yaml = YAMLFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
        JsonNode tree;
        try (InputStream in = Files.newInputStream(file)) {
            tree = new ObjectMapper(yaml)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .readTree(in);
        } catch (JsonProcessingException e) {
            throw wrong((e.getLocation() == null
                            ? ""
                            : "line " + e.getLocation().getLineNr() + ": ")
                    + String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("not YAML"));
        } catch (IOException e) {
            throw wrong("cannot be read: " + reason(e));
        }
        List<String> faults = new SchemaFaults(schema()).of(tree);
        if (!faults.isEmpty()) {
            throw wrong(String.join("; ", faults));
        }
        return tree;
    }

    static JsonNode schema() {
        try (InputStream in = ConfigFile.class.getResourceAsStream("gateway.schema.json")) {
            if (in == null) {
                throw new IllegalStateException("gateway.schema.json is missing from the build");
            }
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Map<String, Upstream> upstreams(JsonNode list) throws ConfigException {
        Map<String, Upstream> upstreams = new LinkedHashMap<>();
        for (JsonNode node : list) {
            String name = node.get("name").asText();
            String where = "upstream " + name;
            List<String> models = new ArrayList<>();
            node.path("models").forEach(model -> models.add(model.asText()));
            JsonNode key = node.get("key");
            Upstream upstream = new Upstream(
                    name,
                    base(where, node.get("url").asText()),
                    UpstreamKind.of(node.get("kind").asText()),
                    models,
                    key == null ? null : secret(where, key),
                    node.has("authorities")
                            ? authorities(where, node.get("authorities").asText())
                            : null,
                    node.path("vocabulary").asInt(0),
                    node.path("tokenizer").asText(null),
                    node.path("alternatives").asInt(DEFAULT_ALTERNATIVES),
                    node.path("exclusive").asBoolean(false),
                    node.path("streams").asInt(DEFAULT_STREAMS));
            if (upstreams.put(name, upstream) != null) {
                throw wrong("two upstreams are called " + name);
            }
        }
        return upstreams;
    }

    private URI base(String where, String url) throws ConfigException {
        String base = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        base = base.endsWith("/v1") ? base.substring(0, base.length() - "/v1".length()) : base;
        try {
            URI uri = new URI(base);
            if (uri.getUserInfo() != null) {
                throw wrong(where + ": a key stands in key, not in the url");
            }
            if (uri.getHost() == null) {
                throw wrong(where + ": the url has no host: it must be like http://host:port");
            }
            return uri;
        } catch (URISyntaxException e) {
            throw wrong(where + ": the url is none: " + e.getReason());
        }
    }

    private Certificate certificate(JsonNode node) throws ConfigException {
        Path chain = existing("tls: the certificate", node.get("certificate").asText());
        Path key = existing("tls: the private key", node.get("key").asText());
        return new Certificate(chain, key);
    }

    private Path authorities(String where, String name) throws ConfigException {
        Path authorities = existing(where + ": the authorities", name);
        try (InputStream in = Files.newInputStream(authorities)) {
            if (CertificateFactory.getInstance("X.509").generateCertificates(in).isEmpty()) {
                throw wrong(where + ": " + authorities + " has no certificate");
            }
        } catch (IOException | CertificateException e) {
            throw wrong(where + ": " + authorities + " has no certificates in PEM");
        }
        return authorities;
    }

    private Path existing(String what, String name) throws ConfigException {
        Path path = file.resolveSibling(name);
        if (!Files.isReadable(path)) {
            throw wrong(what + " " + path + " cannot be read");
        }
        return path;
    }

    private List<Client> clients(JsonNode list) throws ConfigException {
        List<Client> clients = new ArrayList<>();
        Set<String> names = new HashSet<>();
        Set<String> keys = new HashSet<>();
        for (JsonNode node : list) {
            String name = node.get("name").asText();
            Secret key = secret("client " + name, node.get("key"));
            if (!names.add(name)) {
                throw wrong("two clients are called " + name);
            }
            if (!keys.add(key.bearer())) {
                throw wrong("client " + name + " has the key of another one: nobody could tell them apart");
            }
            clients.add(new Client(name, key));
        }
        return clients;
    }

    private Secret secret(String where, JsonNode key) throws ConfigException {
        JsonNode variable = key.get("environment");
        try {
            if (variable != null) {
                String value = environment.apply(variable.asText());
                if (value == null) {
                    throw wrong(where + ": there is no environment variable " + variable.asText());
                }
                return new Secret(value.strip());
            }
            Path path = file.resolveSibling(key.get("file").asText());
            byte[] bytes;
            try (InputStream in = Files.newInputStream(path)) {
                bytes = in.readNBytes(MAX_KEY_BYTES + 1);
            } catch (IOException e) {
                throw wrong(where + ": the key file " + path + " cannot be read: " + reason(e));
            }
            if (bytes.length > MAX_KEY_BYTES) {
                throw wrong(where + ": the key file " + path + " has more than " + MAX_KEY_BYTES + " bytes");
            }
            return new Secret(new String(bytes, java.nio.charset.StandardCharsets.UTF_8).strip());
        } catch (IllegalArgumentException e) {
            throw wrong(where + ": " + e.getMessage());
        }
    }

    private List<Route> routes(JsonNode list, Map<String, Upstream> upstreams) throws ConfigException {
        Map<String, Route> routes = new LinkedHashMap<>();
        Set<String> named = new HashSet<>();
        for (JsonNode node : list) {
            String model = node.get("model").asText();
            if (routes.put(model, route(model, node, upstreams, named)) != null) {
                throw wrong("two routes are for model " + model);
            }
        }
        Map<String, List<Route.Target>> offered = new LinkedHashMap<>();
        List<Route.Target> others = new ArrayList<>();
        for (Upstream upstream : upstreams.values()) {
            for (String model : new LinkedHashSet<>(upstream.models())) {
                offered.computeIfAbsent(model, none -> new ArrayList<>()).add(new Route.Target(upstream, null, 1));
            }
            if (upstream.models().isEmpty() && !named.contains(upstream.name())) {
                others.add(new Route.Target(upstream, null, 1));
            }
        }
        offered.forEach((model, targets) -> routes.putIfAbsent(model, plain(model, targets)));
        List<Route> all = new ArrayList<>(routes.values());
        if (!others.isEmpty()) {
            all.add(plain(null, others));
        }
        return all;
    }

    private static Route plain(@Nullable String model, List<Route.Target> targets) {
        return new Route(model, targets, 1, null, true, true, Route.USUAL_SAMPLES, 0, 0, false, null);
    }

    private Route route(String model, JsonNode node, Map<String, Upstream> upstreams, Set<String> named)
            throws ConfigException {
        List<Route.Target> targets = new ArrayList<>();
        for (JsonNode target : node.get("upstreams")) {
            String name = target.get("name").asText();
            Upstream upstream = upstreams.get(name);
            if (upstream == null) {
                throw wrong("route " + model + ": there is no upstream " + name + ", only "
                        + String.join(", ", upstreams.keySet()));
            }
            if (targets.stream().anyMatch(other -> other.upstream().name().equals(name))) {
                throw wrong("route " + model + ": upstream " + name + " stands there twice; weight tells its share");
            }
            named.add(name);
            targets.add(new Route.Target(
                    upstream,
                    target.path("model").asText(model),
                    target.path("weight").asInt(1)));
        }
        Route.Conclude conclude = node.has("conclude")
                ? Route.Conclude.valueOf(node.get("conclude").asText().toUpperCase(Locale.ROOT))
                : null;
        requireKindFor(conclude, model, targets);
        return new Route(
                model,
                targets,
                node.path("watch").asDouble(1),
                node.has("thinking") ? thinking(model, node.get("thinking"), conclude) : null,
                node.path("tell_ends").asBoolean(true),
                node.path("heartbeats").asBoolean(true),
                node.path("samples").asInt(Route.USUAL_SAMPLES),
                node.path("reroutes").asInt(0),
                node.path("hold").asInt(0),
                node.path("fallback").asText("").equals("first"),
                conclude);
    }

    private void requireKindFor(Route.@Nullable Conclude conclude, String model, List<Route.Target> targets)
            throws ConfigException {
        for (Route.Target target : targets) {
            UpstreamKind kind = target.upstream().kind();
            if (conclude == Route.Conclude.ENGINE && kind != UpstreamKind.LLAMACPP) {
                throw wrong("route " + model + ": conclude: engine is for llamacpp, and upstream "
                        + target.upstream().name() + " is of kind " + kind.configured() + "; conclude: text is for it");
            }
        }
    }

    private Route.Thinking thinking(String model, JsonNode node, Route.@Nullable Conclude conclude)
            throws ConfigException {
        String close = node.get("close").asText();
        String text = node.path("conclude").asText(close);
        if (!text.contains(close)) {
            throw wrong("route " + model + ": what thinking.conclude says must contain " + close
                    + ", or the model would go on to reason");
        }
        if (node.has("conclude") && conclude != Route.Conclude.TEXT) {
            throw wrong("route " + model + ": thinking.conclude is used by conclude: text alone");
        }
        return new Route.Thinking(node.get("open").asText(), close, text);
    }

    private static Limits limits(JsonNode node) {
        Limits usual = Limits.DEFAULT;
        return new Limits(
                node.path("body_bytes").asInt(usual.bodyBytes()),
                node.path("event_bytes").asInt(usual.eventBytes()),
                node.path("streams").asInt(usual.streams()),
                node.path("streams_per_client").asInt(usual.streamsPerClient()),
                node.path("samples").asInt(usual.samples()),
                node.path("buffer_bytes").asInt(usual.bufferBytes()),
                seconds(node.path("first_byte_seconds"), usual.firstByte()),
                seconds(node.path("idle_seconds"), usual.idle()),
                seconds(node.path("drain_seconds"), usual.drain()));
    }

    private static Duration seconds(JsonNode node, Duration usual) {
        return node.isMissingNode() ? usual : Duration.ofMillis(Math.max(1, Math.round(node.asDouble() * 1000)));
    }

    private ListenAddress listen(String address) throws ConfigException {
        try {
            return ListenAddress.parse("listen", address);
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    /** Otherwise whoever reaches the gateway could use the operator's key. */
    private void requireLoopbackWithoutClients(
            ListenAddress listen, Map<String, Upstream> upstreams, List<Client> clients) throws ConfigException {
        if (!clients.isEmpty()) {
            return;
        }
        for (Upstream upstream : upstreams.values()) {
            if (upstream.key() != null && !isLoopback(listen.host())) {
                throw wrong(
                        "upstream " + upstream.name() + " has a key, and there are no clients: everybody who reaches "
                                + listen + " could use it. Name clients, or listen on 127.0.0.1");
            }
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private ConfigException wrong(String what) {
        return new ConfigException(file + ": " + what);
    }

    private static String reason(IOException e) {
        return e instanceof java.nio.file.NoSuchFileException
                ? "there is no such file"
                : e instanceof java.nio.file.AccessDeniedException
                        ? "permission denied"
                        : String.valueOf(e.getMessage());
    }
}
