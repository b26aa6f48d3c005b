package io.edistream.gateway.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
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

    /** How long its end waits: behind it nothing can be asked any more, however slow the machine. */
    private static final long SILENCE_BEFORE_END_NANOS = 20_000_000_000L;

    private static final Set<String> ANSWERING = Set.of("/v1/chat/completions", "/v1/completions");

    private final String engine;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
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

    private record Playback(List<String> events, int before, int end, CountDownLatch goOn) {}

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

    /**
     * Answers with these events from now on; those from an index on wait until the latch is open, and then come one by one.
     *
     * @param end index of the first event behind which no more tokens come
     */
    void playBack(List<String> events, int before, int end, CountDownLatch goOn) {
        playback = new Playback(events, before, end, goOn);
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
                awaitSilence(i < played.end() ? SILENCE_NANOS : SILENCE_BEFORE_END_NANOS);
            }
            to.write(played.events().get(i).getBytes(UTF_8));
            to.flush();
        }
    }

    /** Waits until it has been asked nothing for a while. */
    private void awaitSilence(long nanos) {
        silentSince = System.nanoTime();
        while (!threads.isShutdown() && (questions.get() > 0 || System.nanoTime() - silentSince < nanos)) {
            LockSupport.parkNanos(SILENCE_NANOS / 100);
        }
    }

    private void ask(HttpExchange exchange, String path, byte[] body) throws IOException {
        HttpURLConnection asked =
                (HttpURLConnection) URI.create(engine + path).toURL().openConnection();
        asked.setRequestMethod(exchange.getRequestMethod());
        asked.setRequestProperty("Content-Type", "application/json");
        // llama.cpp closes one that is kept after 5 s, when somebody may just be asking on it.
        asked.setRequestProperty("Connection", "close");
        if (body.length > 0) {
            asked.setDoOutput(true);
            asked.getOutputStream().write(body);
        }
        int status = asked.getResponseCode();
        exchange.getResponseHeaders().set("Content-Type", asked.getContentType());
        exchange.sendResponseHeaders(status, 0);
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        // Closing it closes the engine's side, too, where the gateway has left.
        try (InputStream from =
                status < HttpURLConnection.HTTP_BAD_REQUEST ? asked.getInputStream() : asked.getErrorStream()) {
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
