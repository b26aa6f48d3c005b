package io.edistream.gateway.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.config.UpstreamKind;
import io.edistream.gateway.reading.ReadingOptions;
import io.edistream.gateway.request.Additions;
import io.edistream.gateway.request.Endpoint;
import io.edistream.gateway.request.ReasoningEnd;
import io.edistream.gateway.upstream.EngineLoad;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.event.EntropyKind;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what an upstream does with what the gateway asks of it, and whether it is what the configuration says. It costs the
 * upstream seven short answers, and takes some ten seconds. Used once.
 */
public final class UpstreamCheck {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int TOKENS = 24;
    private static final int ALL = Integer.MAX_VALUE;

    /** Of the answer that is closed in the middle. */
    private static final int LONG_TOKENS = 2000;

    private static final int CLOSED_AFTER = 5;
    private static final double COLD = 0.25;
    private static final double HOT = 1.75;

    /** How far two log-probabilities of one token may lie apart: engines add up in another order in another batch. */
    private static final double SAME_NATS = 0.05;

    /** How long an idle connection is watched, and an engine that should stop. */
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private final Upstream upstream;
    private final EngineClient engine;
    private final Duration patience;
    private final List<Finding> findings = new ArrayList<>();

    private UpstreamCheck(Upstream upstream, EngineClient engine, Duration patience) {
        this.upstream = upstream;
        this.engine = engine;
        this.patience = patience;
    }

    /** What is found of an upstream, in the order in which it was found. */
    public static List<Finding> of(Upstream upstream) throws InterruptedException {
        return of(upstream, PATIENCE);
    }

    static List<Finding> of(Upstream upstream, Duration patience) throws InterruptedException {
        List<Finding> findings = new ArrayList<>();
        try {
            UpstreamCheck check = new UpstreamCheck(upstream, new EngineClient(upstream), patience);
            try {
                check.run();
            } finally {
                findings.addAll(check.findings);
            }
        } catch (IOException e) {
            findings.add(Finding.wrong(findings.isEmpty() ? "reached" : "answered", "no: " + why(e, upstream)));
        }
        return findings;
    }

    /** What the JDK says of a connection that was refused has no words. */
    private static String why(IOException e, Upstream upstream) {
        if (e instanceof ConnectException) {
            return "nothing answers at " + upstream.base();
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() + " at " + upstream.base() : e.getMessage();
    }

    private void run() throws IOException, InterruptedException {
        String model = models();
        if (model == null) {
            return;
        }
        Endpoint endpoint = Endpoint.CHAT;
        Probe probe = Probe.ask(engine, upstream, endpoint, body(endpoint, model, TOKENS, null), false, ALL);
        if (probe.status() == 404 || (probe.status() >= 400 && probe.error().contains("template"))) {
            findings.add(Finding.of("chat", "no: status " + probe.status() + "; completions are tried instead"));
            endpoint = Endpoint.COMPLETIONS;
            probe = Probe.ask(engine, upstream, endpoint, body(endpoint, model, TOKENS, null), false, ALL);
        }
        if (!probe.succeeded()) {
            refused(probe, endpoint, model);
            return;
        }
        stream(probe);
        lists(probe);
        entropy(endpoint, model);
        details(probe);
        if (endpoint == Endpoint.CHAT) {
            findings.add(new ContinuationCheck(upstream, engine, model).run());
        }
        closing(endpoint, model);
        concluding(model);
        idle();
    }

    /** The model that is asked; null if nothing can be. */
    private @Nullable String models() throws IOException, InterruptedException {
        HttpResponse<String> response = engine.get("/v1/models");
        if (response.statusCode() == 401 || response.statusCode() == 403) {
            findings.add(Finding.wrong(
                    "reached",
                    "status " + response.statusCode()
                            + (upstream.key() == null
                                    ? ": it wants a key, and has none (key)"
                                    : ": it does not take its key")));
            return null;
        }
        JsonNode list = json(response.body()).path("data");
        List<String> offered = new ArrayList<>();
        list.forEach(one -> offered.add(one.path("id").asText()));
        findings.add(Finding.of(
                "reached",
                response.headers().firstValue("Server").map(name -> name + ", ").orElse("") + "models "
                        + (offered.isEmpty() ? "unknown" : String.join(", ", offered))));
        vocabulary(list);
        for (String configured : upstream.models()) {
            // llama.cpp takes any name.
            if (!offered.contains(configured) && upstream.kind() != UpstreamKind.LLAMACPP && !offered.isEmpty()) {
                findings.add(Finding.wrong("models", "it has no " + configured + ", which is configured"));
            }
        }
        if (!upstream.models().isEmpty()) {
            return upstream.models().get(0);
        }
        if (offered.isEmpty()) {
            findings.add(Finding.wrong("models", "it names none: name those that clients may ask it for (models)"));
            return null;
        }
        return offered.get(0);
    }

    private void vocabulary(JsonNode list) {
        int said = list.path(0).at("/meta/n_vocab").asInt(0);
        int configured = upstream.vocabulary();
        if (said == 0) {
            findings.add(
                    configured == 0
                            ? Finding.wrong(
                                    "vocabulary",
                                    "neither it nor the configuration says: entropies have no upper bound (vocabulary)")
                            : Finding.of("vocabulary", configured + " tokens as configured; it does not say"));
        } else if (said == configured) {
            findings.add(Finding.of("vocabulary", said + " tokens, as configured"));
        } else {
            findings.add(Finding.wrong(
                    "vocabulary",
                    said + " tokens, and "
                            + (configured == 0 ? "none are" : configured + " is")
                            + " configured: vocabulary: " + said));
        }
    }

    private void refused(Probe probe, Endpoint endpoint, String model) throws IOException, InterruptedException {
        Probe plain = Probe.ask(engine, upstream, endpoint, body(endpoint, model, TOKENS, null), true, ALL);
        String said = "status " + probe.status() + ", " + oneLine(probe.error());
        findings.add(
                plain.succeeded()
                        ? Finding.wrong(
                                "stream",
                                "it answers, but not with " + upstream.alternatives()
                                        + " log-probabilities: nothing will be measured (alternatives); " + said)
                        : Finding.wrong(
                                "stream", "it does not answer " + endpoint.path() + " for " + model + "; " + said));
    }

    private void stream(Probe probe) {
        Map<String, Long> reasons = probe.tokens().stream()
                .map(DecodedToken::unmeasured)
                .filter(reason -> reason != null)
                .collect(Collectors.groupingBy(
                        reason -> reason.name().toLowerCase(Locale.ROOT), TreeMap::new, Collectors.counting()));
        long without = probe.tokens().stream()
                .filter(token -> Float.isNaN(token.stats().entropyNats()))
                .count();
        String what = probe.tokens().size() + " tokens, the first after "
                + Duration.ofNanos(Math.max(0, probe.firstTokenNanos())).toMillis() + " ms; "
                + (probe.tokens().size() - without) + " have an entropy"
                + (reasons.isEmpty() ? "" : ", and something is missing of some: " + reasons)
                + (probe.unread() == 0 ? "" : "; " + probe.unread() + " events could not be read");
        boolean wrong = probe.tokens().isEmpty() || 2 * without > probe.tokens().size() || probe.unread() > 0;
        findings.add(new Finding("stream", what, wrong));
    }

    private void lists(Probe probe) {
        int asked = upstream.alternatives();
        int longest = probe.lists().stream().mapToInt(Map::size).max().orElse(0);
        int shortest = probe.lists().stream().mapToInt(Map::size).min().orElse(0);
        String what = asked + " asked for, " + (shortest == longest ? longest : shortest + " to " + longest) + " came";
        findings.add(
                asked > 0 && longest < asked
                        ? Finding.wrong("lists", what + ": alternatives: " + longest + " says what there is")
                        : Finding.of("lists", what));
        if (longest > 0 && longest < 20) {
            findings.add(Finding.of("confidence", "none: it is the mean of the 20 most probable tokens"));
        }
    }

    /** Asks for the first token at two temperatures: raw log-probabilities do not know of them. */
    private void entropy(Endpoint endpoint, String model) throws IOException, InterruptedException {
        Probe cold = Probe.ask(engine, upstream, endpoint, body(endpoint, model, 1, COLD), false, 1);
        Probe hot = Probe.ask(engine, upstream, endpoint, body(endpoint, model, 1, HOT), false, 1);
        EntropyKind.Distribution taken = new ReadingOptions(
                        upstream.kind(), endpoint, Additions.NONE, upstream.alternatives(), upstream.vocabulary(), null)
                .entropyKind(false)
                .distribution();
        String name = taken.name().toLowerCase(Locale.ROOT);
        TreeSet<String> both = new TreeSet<>();
        if (!cold.lists().isEmpty() && !hot.lists().isEmpty()) {
            both.addAll(cold.lists().get(0).keySet());
            both.retainAll(hot.lists().get(0).keySet());
        }
        if (both.size() < 2) {
            findings.add(Finding.of(
                    "entropy", "taken for " + name + "; two temperatures gave no lists that could be compared"));
            return;
        }
        double apart = both.stream()
                .mapToDouble(token -> Math.abs(
                        cold.lists().get(0).get(token) - hot.lists().get(0).get(token)))
                .max()
                .orElse(0);
        boolean raw = apart <= SAME_NATS;
        String what = String.format(
                Locale.ROOT,
                "%s: log-probabilities at temperatures %.2f and %.2f lie up to %.3f nats apart",
                raw ? "raw" : "after temperature",
                COLD,
                HOT,
                apart);
        boolean fits = raw == (taken == EntropyKind.Distribution.RAW);
        findings.add(
                fits || (raw && taken == EntropyKind.Distribution.PROCESSED)
                        ? Finding.of(
                                "entropy", what + (fits ? "" : "; taken for " + name + ", since its kind is not known"))
                        : Finding.wrong(
                                "entropy",
                                what + ", but kind " + upstream.kind().configured() + " is taken for " + name
                                        + ": another kind, or limits for that one"));
    }

    private void details(Probe probe) {
        boolean ids = probe.tokens().stream().anyMatch(token -> token.stats().token() >= 0);
        findings.add(Finding.of("ids", ids ? "tokens have ids" : "tokens have none"));
        findings.add(Finding.of(
                "usage",
                probe.hasUsage()
                        ? "it counts its tokens"
                        : "it counts nothing: tokens without text or list may be missed"));
    }

    /** Closes an answer in the middle, and looks how long the engine goes on. */
    private void closing(Endpoint endpoint, String model) throws IOException, InterruptedException {
        String path = EngineLoad.path(upstream.kind());
        double before = path.isEmpty() ? Double.NaN : requests(path);
        if (Double.isNaN(before)) {
            findings.add(Finding.of(
                    "closing",
                    "whether it stops when a stream is closed cannot be seen"
                            + (path.isEmpty() ? "" : ": " + path + " does not say")));
            return;
        }
        Probe.ask(engine, upstream, endpoint, body(endpoint, model, LONG_TOKENS, null), false, CLOSED_AFTER);
        long closed = System.nanoTime();
        while (requests(path) > before) {
            if (System.nanoTime() - closed > patience.toNanos()) {
                findings.add(Finding.wrong(
                        "closing", "it goes on for more than " + patience.toSeconds() + " s after a stream is closed"));
                return;
            }
        }
        findings.add(Finding.of(
                "closing",
                "it stops within "
                        + Duration.ofNanos(System.nanoTime() - closed).toMillis() + " ms after a stream is closed"));
    }

    /** Asks about an answer that there is not: who knows the question says so. */
    private void concluding(String model) throws IOException, InterruptedException {
        if (upstream.kind() != UpstreamKind.LLAMACPP) {
            return;
        }
        HttpResponse<InputStream> response = engine.post(ReasoningEnd.PATH, ReasoningEnd.body("none", model));
        JsonNode said;
        try (InputStream in = response.body()) {
            said = json(new String(in.readNBytes(2048), StandardCharsets.UTF_8));
        }
        findings.add(Finding.of(
                "conclude",
                said.has("success")
                        ? "it can be told to end its reasoning"
                        : "it cannot be told to end its reasoning: status " + response.statusCode()
                                + "; conclude: text does it from outside"));
    }

    private double requests(String path) throws IOException, InterruptedException {
        HttpResponse<String> response = engine.get(path);
        return response.statusCode() == 200 ? EngineLoad.count(upstream.kind(), response.body()) : Double.NaN;
    }

    private void idle() throws IOException {
        if ("https".equals(upstream.base().getScheme())) {
            findings.add(Finding.of("idle", "how long it keeps an idle connection is not looked at with TLS"));
            return;
        }
        OptionalDouble seconds = engine.idleSeconds("/v1/models", patience);
        int kept = upstream.kind().keepAliveSeconds();
        String keeps = "; the gateway keeps " + (kept == 0 ? "none" : "them " + kept + " s");
        findings.add(
                seconds.isEmpty()
                        ? Finding.of(
                                "idle", "it keeps idle connections longer than " + patience.toSeconds() + " s" + keeps)
                        : new Finding(
                                "idle",
                                String.format(
                                                Locale.ROOT,
                                                "it closes idle connections after %.1f s",
                                                seconds.getAsDouble())
                                        + keeps,
                                seconds.getAsDouble() <= kept));
    }

    private static ObjectNode body(Endpoint endpoint, String model, int tokens, @Nullable Double temperature) {
        ObjectNode body = MAPPER.createObjectNode();
        body.put("model", model).put("stream", true).put("max_tokens", tokens).put("seed", 1);
        if (temperature != null) {
            body.put("temperature", temperature);
        }
        String prompt = "Tell me a long story about a dragon.";
        if (endpoint == Endpoint.CHAT) {
            body.putArray("messages").addObject().put("role", "user").put("content", prompt);
        } else {
            body.put("prompt", prompt);
        }
        return body;
    }

    private static JsonNode json(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (IOException e) {
            return MAPPER.missingNode();
        }
    }

    private static String oneLine(String text) {
        String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
        return line.length() > 200 ? line.substring(0, 200) + "..." : line;
    }
}
