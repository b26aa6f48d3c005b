package io.edistream.gateway.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An engine as it is, with what it is asked for and answers at hand. An answer of its can be played back instead, and held up between two of
 * its events for as long as a test wants.
 */
final class RelayedEngine implements AutoCloseable {

    /** An engine decodes so slowly that what it is asked meanwhile is answered before its next token. */
    private static final long SILENCE_NANOS = 250_000_000;

    private static final Set<String> ANSWERING = Set.of("/v1/chat/completions", "/v1/completions");

    private final String engine;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final BlockingQueue<Exchanged> exchanged = new LinkedBlockingQueue<>();
    private final AtomicInteger questions = new AtomicInteger();
    private volatile long silentSince;
    private volatile @Nullable Playback playback;

    /**
     * An answer that was read to its end.
     *
     * @param path where it was asked for
     * @param body what for
     * @param events of it, each with its empty line
     */
    record Exchanged(String path, String body, List<String> events) {}

    private record Playback(List<String> events, int before, CountDownLatch goOn) {}

    /**
     * @param engine its address
     */
    RelayedEngine(String engine) throws IOException {
        this.engine = engine;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::relay);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** The next answer that was read to its end. */
    Exchanged exchanged() throws InterruptedException {
        return exchanged.take();
    }

    /** Answers with these events from now on; those from an index on wait until the latch is open, and then come one by one. */
    void playBack(List<String> events, int before, CountDownLatch goOn) {
        playback = new Playback(events, before, goOn);
    }

    private void relay(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().toString();
            byte[] body = exchange.getRequestBody().readAllBytes();
            Playback played = playback;
            if (played != null && ANSWERING.contains(path)) {
                play(exchange, played);
            } else {
                questions.incrementAndGet();
                try {
                    ask(exchange, path, body);
                } finally {
                    silentSince = System.nanoTime();
                    questions.decrementAndGet();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void play(HttpExchange exchange, Playback played) throws IOException, InterruptedException {
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        OutputStream to = exchange.getResponseBody();
        for (int i = 0; i < played.events().size(); i++) {
            if (i == played.before()) {
                played.goOn().await();
            }
            if (i >= played.before()) {
                awaitSilence();
            }
            to.write(played.events().get(i).getBytes(UTF_8));
            to.flush();
        }
    }

    /** Waits until it has been asked nothing for a while. */
    private void awaitSilence() {
        silentSince = System.nanoTime();
        while (questions.get() > 0 || System.nanoTime() - silentSince < SILENCE_NANOS) {
            LockSupport.parkNanos(SILENCE_NANOS / 100);
        }
    }

    private void ask(HttpExchange exchange, String path, byte[] body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(engine + path))
                .header("Content-Type", "application/json")
                .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        HttpResponse<InputStream> answer = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        answer.headers().firstValue("Content-Type").ifPresent(type -> exchange.getResponseHeaders()
                .set("Content-Type", type));
        exchange.sendResponseHeaders(answer.statusCode(), 0);
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        // Closing it closes the engine's side, too, where the gateway has left.
        try (InputStream from = answer.body()) {
            OutputStream to = exchange.getResponseBody();
            byte[] buffer = new byte[1 << 16];
            for (int length = from.read(buffer); length >= 0; length = from.read(buffer)) {
                to.write(buffer, 0, length);
                to.flush();
                read.write(buffer, 0, length);
            }
        }
        if (ANSWERING.contains(path)) {
            List<String> events = Stream.of(read.toString(UTF_8).split("\n\n"))
                    .map(event -> event + "\n\n")
                    .toList();
            exchanged.add(new Exchanged(path, new String(body, UTF_8), events));
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
