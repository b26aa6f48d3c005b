package io.edistream.gateway.upstream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.edistream.gateway.config.UpstreamKind;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;

/**
 * How many requests an engine itself says it has. Beside those that are open to it, that tells whether it goes on with streams that
 * were closed, as long as nobody else uses it. Used on the gateway's event loop; the number is read by any thread.
 */
public final class EngineLoad {

    static final Duration PERIOD = Duration.ofSeconds(5);

    private static final int OK = 200;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Vertx vertx;
    private final Backend backend;
    private volatile double requests = Double.NaN;
    private volatile double excess = Double.NaN;

    EngineLoad(Vertx vertx, Backend backend) {
        this.vertx = vertx;
        this.backend = backend;
    }

    /** Asks again and again, if engines of its kind say. */
    void begin() {
        if (!path(backend.upstream().kind()).isEmpty()) {
            vertx.setPeriodic(1, PERIOD.toMillis(), due -> ask());
        }
    }

    /** Requests that it runs or that wait in it; NaN if it does not say. */
    double requests() {
        return requests;
    }

    /** Those of them that nobody waits for any more: more than were open when it was asked and when it answered. NaN if it does not say. */
    double excess() {
        return excess;
    }

    /** Where engines of a kind say how many requests they have; empty if they do not. */
    public static String path(UpstreamKind kind) {
        return switch (kind) {
            case LLAMACPP -> "/slots";
            case VLLM, SGLANG -> "/metrics";
            case LMDEPLOY, OPENAI, GENERIC -> "";
        };
    }

    private void ask() {
        int openBefore = backend.running();
        backend.read(HttpMethod.GET, path(backend.upstream().kind()))
                .compose(response -> response.statusCode() == OK
                        ? response.body()
                        : Future.failedFuture("status " + response.statusCode()))
                .onComplete(read -> {
                    requests = read.succeeded()
                            ? count(backend.upstream().kind(), read.result().toString())
                            : Double.NaN;
                    excess = Math.max(0, requests - Math.max(openBefore, backend.running()));
                });
    }

    /** What they say there; NaN if nothing. */
    public static double count(UpstreamKind kind, String page) {
        return switch (kind) {
            case LLAMACPP -> slots(page);
            case VLLM -> sum(page, Set.of("vllm:num_requests_running", "vllm:num_requests_waiting"));
            case SGLANG -> sum(page, Set.of("sglang:num_running_reqs", "sglang:num_queue_reqs"));
            case LMDEPLOY, OPENAI, GENERIC -> Double.NaN;
        };
    }

    private static double slots(String page) {
        JsonNode slots;
        try {
            slots = MAPPER.readTree(page);
        } catch (IOException e) {
            return Double.NaN;
        }
        if (!slots.isArray()) {
            return Double.NaN;
        }
        int busy = 0;
        for (JsonNode slot : slots) {
            busy += slot.path("is_processing").asBoolean(false) ? 1 : 0;
        }
        return busy;
    }

    /** Of a page of Prometheus: NAME{labels} VALUE. */
    private static double sum(String page, Set<String> names) {
        double sum = Double.NaN;
        for (String line : page.split("\n")) {
            int end = 0;
            while (end < line.length() && line.charAt(end) != '{' && line.charAt(end) != ' ') {
                end++;
            }
            if (names.contains(line.substring(0, end))) {
                double value = value(line.substring(line.lastIndexOf(' ') + 1));
                sum = Double.isNaN(sum) ? value : sum + value;
            }
        }
        return sum;
    }

    private static double value(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }
}
