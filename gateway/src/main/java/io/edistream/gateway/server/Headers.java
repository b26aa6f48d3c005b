package io.edistream.gateway.server;

import io.edistream.sequences.event.EntropyKind;
import io.edistream.sequences.event.EntropyKind.Measurement;
import io.vertx.core.MultiMap;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which headers go through. */
final class Headers {

    static final String REQUEST_ID = "X-Request-Id";
    static final String TRACE_CONTEXT = "traceparent";

    /** An allow-list: llama.cpp, for one, has a header that keeps a stream alive whose client has left. */
    private static final Set<String> UP = Set.of(
            "accept",
            "accept-language",
            "content-type",
            "user-agent",
            "openai-organization",
            "openai-project",
            "openai-beta",
            "idempotency-key",
            "traceparent",
            "tracestate",
            "baggage");

    private static final String CLIENT_LIBRARY = "x-stainless-";

    /** Those of one connection, and what is said of bytes that may change on their way. */
    private static final Set<String> NOT_DOWN = Set.of(
            "connection",
            "keep-alive",
            "proxy-authenticate",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "content-length");

    private static final Pattern VALID_REQUEST_ID = Pattern.compile("[A-Za-z0-9._:-]{1,128}");
    private static final Pattern VALID_TRACE_CONTEXT =
            Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-.{0,200})?");

    private Headers() {}

    /**
     * Copies what goes to an upstream.
     *
     * @param untouched whether the answer goes back as it is, so that it may be compressed
     */
    static void up(MultiMap from, MultiMap to, boolean untouched) {
        from.forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (UP.contains(lower)
                    || lower.startsWith(CLIENT_LIBRARY)
                    || (untouched && lower.equals("accept-encoding"))) {
                to.add(name, value);
            }
        });
    }

    /** Copies what goes back to a client. */
    static void down(MultiMap from, MultiMap to) {
        from.forEach((name, value) -> {
            if (!NOT_DOWN.contains(name.toLowerCase(Locale.ROOT))) {
                to.add(name, value);
            }
        });
    }

    /** The client's name for its request; null if it has none that could be used. */
    static @Nullable String requestId(MultiMap headers) {
        String id = headers.get(REQUEST_ID);
        return id != null && VALID_REQUEST_ID.matcher(id).matches() ? id : null;
    }

    /** What clients read of the kind of an answer's entropies, for instance raw-exact. */
    static String kind(EntropyKind kind) {
        return kind.distribution().name().toLowerCase(Locale.ROOT)
                + (kind.measurement() == Measurement.EXACT ? "-exact" : "-bounded-" + kind.alternatives());
    }

    /** The trace that the request is part of; null if there is none. */
    static @Nullable String traceContext(MultiMap headers) {
        String context = headers.get(TRACE_CONTEXT);
        return context != null && VALID_TRACE_CONTEXT.matcher(context).matches() ? context : null;
    }
}
