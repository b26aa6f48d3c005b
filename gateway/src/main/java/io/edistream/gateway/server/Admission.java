package io.edistream.gateway.server;

import io.edistream.gateway.config.Client;
import io.edistream.gateway.config.Limits;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who may ask, and how many at a time. Used on the gateway's event loop. */
final class Admission {

    private final List<Client> clients;
    private final Limits limits;
    private final Map<String, Integer> runningByClient = new HashMap<>();
    private final Set<String> requestIds = new HashSet<>();
    private int running;
    private int samples;

    Admission(List<Client> clients, Limits limits) {
        this.clients = clients;
        this.limits = limits;
    }

    /**
     * Who asks: the name of the key, or the address where there are no keys; null if the key is unknown. Takes as long whoever it is.
     */
    @Nullable
    String client(HttpServerRequest request) {
        if (clients.isEmpty()) {
            return request.remoteAddress().hostAddress();
        }
        String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
        String found = null;
        for (Client client : clients) {
            if (client.key().isIn(authorization == null ? "" : authorization)) {
                found = client.name();
            }
        }
        return found;
    }

    /** What metrics call a client: addresses have no place there. */
    String label(String client) {
        return clients.isEmpty() ? "" : client;
    }

    /** Why one more request is too many; null if it is not, and counts from now on. */
    @Nullable
    String begin(String client) {
        if (running >= limits.streams()) {
            return "the gateway has " + limits.streams() + " requests at a time, which is its limit";
        }
        int own = runningByClient.getOrDefault(client, 0);
        if (own >= limits.streamsPerClient()) {
            return "you have " + limits.streamsPerClient() + " requests at a time, which is your limit";
        }
        running++;
        runningByClient.put(client, own + 1);
        return null;
    }

    /**
     * Why a client may not have so many samples at a time; null if it may, and they count from now on. One of them takes the place of its
     * request, which counts already.
     */
    @Nullable
    ApiError beginSamples(String client, int more) {
        if (more > limits.samples() || more > limits.streamsPerClient()) {
            return ApiError.badRequest("a request may have at most "
                    + Math.min(limits.samples(), limits.streamsPerClient()) + " samples at a time here, not " + more);
        }
        if (samples + more > limits.samples()) {
            return ApiError.tooMany("of " + limits.samples() + " samples at a time, which is the gateway's limit, "
                    + samples + " are taken, and the request needs " + more);
        }
        int own = runningByClient.getOrDefault(client, 0);
        if (own + more - 1 > limits.streamsPerClient()) {
            return ApiError.tooMany(
                    "you have " + limits.streamsPerClient() + " requests and samples at a time, which is"
                            + " your limit; " + (own - 1) + " are taken, and the request needs " + more);
        }
        samples += more;
        runningByClient.put(client, own + more - 1);
        return null;
    }

    /** As many samples are over, and their request is not yet. */
    void endSamples(String client, int fewer) {
        if (fewer > 0) {
            samples -= fewer;
            runningByClient.computeIfPresent(client, (name, count) -> (Integer) (count - fewer + 1));
        }
    }

    /** A request is over. */
    void end(String client) {
        running--;
        runningByClient.computeIfPresent(client, (name, count) -> count == 1 ? null : (Integer) (count - 1));
    }

    /** Whether nobody else's running request has the id; it is taken from now on. */
    boolean takes(String requestId) {
        return requestIds.add(requestId);
    }

    /** The id is free again. */
    void frees(String requestId) {
        requestIds.remove(requestId);
    }
}
