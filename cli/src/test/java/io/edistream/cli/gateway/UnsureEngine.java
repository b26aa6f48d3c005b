package io.edistream.cli.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * An engine without a model: every token is one of twenty that are equally likely, as many as {@code max_tokens} says, one every ten
 * milliseconds.
 */
final class UnsureEngine implements AutoCloseable {

    private static final long TOKEN_NANOS = 10_000_000;
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String LISTED = IntStream.range(0, 20)
            .mapToObj(token -> "{\"token\":\"t" + token + "\",\"bytes\":null,\"logprob\":" + -Math.log(20) + "}")
            .collect(Collectors.joining(","));

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    UnsureEngine() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/v1/chat/completions", this::answer);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        JsonNode asked = MAPPER.readTree(exchange.getRequestBody());
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream to = exchange.getResponseBody()) {
            for (int token = 0; token < asked.path("max_tokens").asInt(); token++) {
                String text = "t" + token % 20;
                event(
                        to,
                        "{\"delta\":{\"content\":\"" + text + "\"},\"logprobs\":{\"content\":[{\"token\":\"" + text
                                + "\",\"bytes\":null,\"logprob\":" + -Math.log(20) + ",\"top_logprobs\":[" + LISTED
                                + "]}]},\"finish_reason\":null,\"index\":0}");
                LockSupport.parkNanos(TOKEN_NANOS);
            }
            event(to, "{\"delta\":{},\"finish_reason\":\"length\",\"index\":0}");
            to.write("data: [DONE]\n\n".getBytes(UTF_8));
        }
    }

    private static void event(OutputStream to, String choice) throws IOException {
        to.write(("data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[" + choice
                        + "]}\n\n")
                .getBytes(UTF_8));
        to.flush();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
