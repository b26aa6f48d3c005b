package io.edistream.benchmarks.latency;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;

/**
 * Scrapers of one page as bad as they come, each connecting again when it is thrown out: some ask twenty times a second,
 * some write a byte of their request at a time, some ask and never read, some say nothing.
 */
final class HostileScrapes implements AutoCloseable {

    private static final byte[] REQUEST =
            "GET /metrics HTTP/1.1\r\nHost: loop\r\nAccept: application/openmetrics-text\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII);
    private static final long PAUSE_NANOS = 50_000_000;
    private static final int OF_EACH_KIND = 4;

    private final int port;
    private final List<Thread> threads = new ArrayList<>();
    private final CountDownLatch answered = new CountDownLatch(1);
    private volatile boolean wanted = true;

    /** What a scraper does with a connection. */
    @FunctionalInterface
    private interface Manner {
        void behave(Socket socket) throws IOException;
    }

    HostileScrapes(int port) {
        this.port = port;
        for (int i = 0; i < OF_EACH_KIND; i++) {
            start(this::readWhole);
            start(this::writeByteByByte);
            start(socket -> {
                socket.getOutputStream().write(REQUEST);
                untilThrownOut(socket);
            });
            start(this::untilThrownOut);
        }
    }

    private void start(Manner manner) {
        Thread thread = new Thread(
                () -> {
                    while (wanted) {
                        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                            manner.behave(socket);
                        } catch (IOException e) {
                            // Thrown out, which is what the server is for.
                        }
                        LockSupport.parkNanos(PAUSE_NANOS);
                    }
                },
                "scraper");
        threads.add(thread);
        thread.start();
    }

    private void readWhole(Socket socket) throws IOException {
        socket.getOutputStream().write(REQUEST);
        InputStream page = socket.getInputStream();
        if (page.readAllBytes().length > 0) {
            answered.countDown();
        }
    }

    private void writeByteByByte(Socket socket) throws IOException {
        for (int i = 0; wanted && i < REQUEST.length; i++) {
            socket.getOutputStream().write(REQUEST[i]);
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private void untilThrownOut(Socket socket) throws IOException {
        long end = System.nanoTime() + 1_000 * PAUSE_NANOS;
        while (wanted && System.nanoTime() < end) {
            LockSupport.parkNanos(PAUSE_NANOS);
            // Fails once the server has closed the connection; a server that does not is hung on to.
            socket.getOutputStream().write(' ');
        }
    }

    /** Waits until one page was read whole. */
    void awaitAnswer() throws InterruptedException {
        answered.await();
    }

    @Override
    public void close() {
        wanted = false;
        threads.forEach(Onlookers::join);
    }
}
