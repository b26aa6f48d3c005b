package io.edistream.benchmarks.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.benchmarks.Clients;
import io.edistream.benchmarks.Clients.Sender;
import io.edistream.benchmarks.Row;
import io.edistream.benchmarks.Samples;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How long a client waits where its answer moves to another engine, beside the time that this engine itself takes for its first token. */
public final class RerouteBenchmark {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Events behind which an answer is moved, and again while commands may not be read yet. */
    private static final int EVENTS_BEFORE = 24;

    private static final int PERIOD_MILLIS = 10;
    private static final int MAX_TOKENS = 1000;
    private static final double MEDIAN = 0.5;
    private static final double TAIL = 0.99;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Field field;
    private final Sender commands;
    private final URI target;
    private final boolean real;

    private RerouteBenchmark(Field field, Sender commands, URI target, boolean real) {
        this.field = field;
        this.commands = commands;
        this.target = target;
        this.real = real;
    }

    /**
     * How much is measured.
     *
     * @param warmUps answers that do not count
     * @param answers that are moved, one after the other
     */
    public record Size(int warmUps, int answers) {}

    /**
     * Two llama-servers that run.
     *
     * @param from where answers begin
     * @param to where they go on
     */
    public record LlamaServers(URI from, URI to) {}

    /**
     * An answer that was moved, milliseconds.
     *
     * @param token the median time between two events before
     * @param pause between the last event of the first engine and the first one of the other
     * @param first from asking the other engine itself for the same to its first token
     */
    private record Moved(double token, double pause, double first) {}

    /**
     * The table.
     *
     * @param llama measured, too; null for none
     */
    public static List<Row> run(Size size, @Nullable LlamaServers llama) throws IOException {
        List<Row> rows = new ArrayList<>(run(size, "an engine of bytes: ", null));
        if (llama != null) {
            rows.addAll(run(size, "llama-server: ", llama));
        }
        return rows;
    }

    private static List<Row> run(Size size, String name, @Nullable LlamaServers llama) throws IOException {
        try (Field field = new Field(List.of("-Xmx512m"), port -> upstreams(own(port), llama));
                Sender commands = new Clients(field.bootstrapServers()).sender()) {
            URI target = llama == null ? own(field.engine().port()) : llama.to();
            return new RerouteBenchmark(field, commands, target, llama != null).rows(size, name);
        }
    }

    private static URI own(int port) {
        return URI.create("http://127.0.0.1:" + port);
    }

    /** llama-servers are said to have one tokenizer: answers go on from ids. Of bytes there is none, so that they go on from texts. */
    private static String upstreams(URI bytes, @Nullable LlamaServers llama) {
        return """
                upstreams:
                  - {name: first, url: "%1$s", kind: llamacpp, vocabulary: 49152%3$s}
                  - {name: other, url: "%2$s", kind: llamacpp, vocabulary: 49152%3$s}
                routes:
                  - {model: m, upstreams: [{name: first}], reroutes: 1}
                  - {model: other, upstreams: [{name: other}]}
                """
                .formatted(
                        llama == null ? bytes : llama.from(),
                        llama == null ? bytes : llama.to(),
                        llama == null ? "" : ", tokenizer: one");
    }

    private List<Row> rows(Size size, String name) throws IOException {
        List<Moved> all = new ArrayList<>();
        for (int i = -size.warmUps(); i < size.answers(); i++) {
            Moved moved = moved(Math.max(0, i), i < 0);
            if (i >= 0) {
                all.add(moved);
            }
        }
        Samples tokens = Samples.of(all.stream().mapToDouble(Moved::token));
        Samples pauses = Samples.of(all.stream().mapToDouble(Moved::pause));
        Samples firsts = Samples.of(all.stream().mapToDouble(Moved::first));
        Samples more = Samples.of(all.stream().mapToDouble(each -> each.pause() - each.first()));
        return List.of(
                row(name + "time between two tokens, p50", tokens, MEDIAN),
                row(name + "pause where an answer moves, p50", pauses, MEDIAN),
                row(name + "pause where an answer moves, p99", pauses, TAIL),
                row(name + "the other engine's own time to its first token, p50", firsts, MEDIAN),
                row(name + "the other engine's own time to its first token, p99", firsts, TAIL),
                row(name + "pause less that time, p50", more, MEDIAN));
    }

    private static Row row(String measure, Samples samples, double share) {
        return Row.told(measure, samples.quantile(share), "ms", samples.spread());
    }

    /** Moves an answer, then asks the engine that went on itself for the same. */
    private Moved moved(int number, boolean again) throws IOException {
        ObjectNode request = request(number);
        StringBuilder text = new StringBuilder();
        List<Double> times = new ArrayList<>();
        HttpResponse<Stream<String>> answer = ask(own(field.gateway().port()), request);
        String sequence = answer.headers().firstValue("X-Edistream-Sequences").orElse("");
        try (Stream<String> lines = answer.body()) {
            for (Iterator<JsonNode> events = events(lines); events.hasNext(); ) {
                JsonNode event = events.next();
                times.add(System.nanoTime() / 1e6);
                if (event.has("edistream")) {
                    return new Moved(token(times), last(times), first(request, text.toString()));
                }
                text.append(event.at("/choices/0/delta/content").asText(""));
                if (times.size() == EVENTS_BEFORE || (again && times.size() % EVENTS_BEFORE == 0)) {
                    Aborts.reroute(commands, sequence, "other");
                }
            }
        }
        throw new IllegalStateException("sequence " + sequence + " was not moved within " + times.size() + " events");
    }

    /** Both engines read all of what they are given: nothing is left of an answer before. */
    private ObjectNode request(int number) {
        ObjectNode request = MAPPER.createObjectNode()
                .put("model", "m")
                .put("stream", true)
                .put("max_tokens", MAX_TOKENS)
                .put("temperature", 1)
                .put("seed", number)
                .put("ignore_eos", true)
                .put("cache_prompt", false);
        request.putArray("messages")
                .addObject()
                .put("role", "user")
                .put(
                        "content",
                        real
                                ? "Tell me a long story about a dragon."
                                : new FakeEngine.Wish("r" + number, PERIOD_MILLIS, MAX_TOKENS).text());
        return request;
    }

    private double first(ObjectNode request, String text) throws IOException {
        ObjectNode onward = request.deepCopy();
        onward.withArray("messages").addObject().put("role", "assistant").put("content", text);
        double from = System.nanoTime() / 1e6;
        try (Stream<String> lines = ask(target, onward).body()) {
            for (Iterator<JsonNode> events = events(lines); events.hasNext(); ) {
                if (!events.next().at("/choices/0/delta/content").asText("").isEmpty()) {
                    return System.nanoTime() / 1e6 - from;
                }
            }
        }
        throw new IllegalStateException(target + " did not go on");
    }

    private HttpResponse<Stream<String>> ask(URI server, ObjectNode request) throws IOException {
        HttpRequest post = HttpRequest.newBuilder(server.resolve("/v1/chat/completions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(request.toString()))
                .build();
        try {
            HttpResponse<Stream<String>> answer = http.send(post, HttpResponse.BodyHandlers.ofLines());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException(server + " answered with status " + answer.statusCode());
            }
            return answer;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static Iterator<JsonNode> events(Stream<String> lines) {
        return lines.filter(line -> line.startsWith("data: {"))
                .map(line -> {
                    try {
                        return MAPPER.readTree(line.substring("data: ".length()));
                    } catch (IOException e) {
                        throw new IllegalStateException(line, e);
                    }
                })
                .iterator();
    }

    private static double token(List<Double> times) {
        return Samples.of(Stream.iterate(1, i -> i < times.size() - 1, i -> i + 1)
                        .mapToDouble(i -> times.get(i) - times.get(i - 1)))
                .median();
    }

    private static double last(List<Double> times) {
        return times.get(times.size() - 1) - times.get(times.size() - 2);
    }
}
