package io.edistream.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Labels;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 15, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StatusServerTest {

    private static final StatusLimits SHORT =
            new StatusLimits(8, 2048, Duration.ofMillis(300), Duration.ofMillis(500), Duration.ofMillis(1));
    private static final StatusLimits PATIENT =
            new StatusLimits(8, 2048, Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofMillis(1));

    private static final StatusLimits REUSING =
            new StatusLimits(8, 2048, Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofHours(1));

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final List<StatusServer> opened = new ArrayList<>();
    private final List<Socket> sockets = new ArrayList<>();
    private volatile boolean ready = true;

    @AfterEach
    void close() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        opened.forEach(StatusServer::close);
    }

    @Test
    void classicTextIsWhatNobodyInParticularGets() throws IOException {
        counter().inc(3);
        String answer = ask(open(PATIENT), "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(answer)
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("content-type: text/plain; version=0.0.4; charset=utf-8\r\n")
                .contains("X-Content-Type-Options: nosniff\r\n")
                .contains("\na_total 3.0\n");
    }

    @Test
    void openMetricsHasExemplars() throws IOException {
        counter().incWithExemplar(1, Labels.of("sequence_id", "0a"));
        String answer = ask(
                open(PATIENT),
                "GET /metrics HTTP/1.1\r\nHost: a\r\nAccept: application/openmetrics-text; version=1.0.0\r\n\r\n");
        assertThat(answer)
                .contains("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n")
                .contains("a_total 1.0 # {sequence_id=\"0a\"} 1.0")
                .endsWith("# EOF\n");
    }

    @Test
    void readinessSaysWhatIsMissing() throws IOException {
        StatusServer server = open(PATIENT);
        assertThat(ask(server, "GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n"))
                .startsWith("HTTP/1.1 200")
                .endsWith(
                        "{\"ready\":true,\"checks\":[{\"name\":\"topic\",\"holds\":true,\"reason\":\"as \\\"told\\\"\"}]}\n");
        ready = false;
        assertThat(ask(server, "GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n"))
                .startsWith("HTTP/1.1 503")
                .contains("\"ready\":false");
        assertThat(ask(server, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")).startsWith("HTTP/1.1 200");
    }

    @Test
    void otherMethodsAndPathsAreRefused() throws IOException {
        StatusServer server = open(PATIENT);
        assertThat(ask(server, "POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"))
                .startsWith("HTTP/1.1 405")
                .contains("allow: GET, HEAD");
        assertThat(ask(server, "GET /other HTTP/1.1\r\nHost: a\r\n\r\n")).startsWith("HTTP/1.1 404");
        assertThat(ask(server, "HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n"))
                .startsWith("HTTP/1.1 200")
                .endsWith("\r\n\r\n");
    }

    @Test
    void hugeHeadersAreRefused() throws IOException {
        String huge = "GET /metrics HTTP/1.1\r\nHost: a\r\nX: " + "y".repeat(100_000) + "\r\n\r\n";
        assertThat(ask(open(PATIENT), huge)).doesNotContain("200 OK").doesNotContain("Exception");
    }

    @Test
    void whoDoesNotSayWhatItWantsIsClosed() throws IOException {
        StatusServer server = open(SHORT);
        Socket silent = connect(server);
        assertThat(silent.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void headersThatComeByteByByteHaveOneClock() throws IOException {
        Socket slow = connect(open(SHORT));
        OutputStream out = slow.getOutputStream();
        long began = System.nanoTime();
        // Ends only by being closed: the headers have no end.
        assertThatThrownBy(() -> {
                    out.write("GET /metrics HTTP/1.1\r\nHost: ".getBytes(StandardCharsets.US_ASCII));
                    slow.setSoTimeout(20);
                    while (true) {
                        out.write('a');
                        try {
                            if (slow.getInputStream().read() < 0) {
                                throw new IOException("closed");
                            }
                        } catch (java.net.SocketTimeoutException e) {
                            // Nothing yet; the next byte.
                        }
                    }
                })
                .isInstanceOf(IOException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void whoNeverReadsLosesItsConnection() throws IOException {
        // The only one that there may be: another is served once it is free again.
        StatusLimits one =
                new StatusLimits(1, 2048, Duration.ofMillis(300), Duration.ofMillis(500), Duration.ofMillis(1));
        byte[] large = new byte[32 << 20];
        StatusServer server = open(one, new Fixed(large));
        Socket deaf = new Socket();
        sockets.add(deaf);
        deaf.setReceiveBufferSize(4096);
        deaf.connect(
                new InetSocketAddress(server.address().host(), server.address().port()));
        deaf.getOutputStream().write("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        awaitAnswer(server, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(drain(deaf.getInputStream())).isLessThan(large.length);
    }

    @Test
    void aThousandConnectionsDoNotKeepTheNextScrapeAway() throws IOException {
        counter();
        StatusServer server = open(SHORT);
        for (int i = 0; i < 1000; i++) {
            connect(server);
        }
        String answer = awaitAnswer(server, "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(answer).contains("a_total 0.0");
    }

    @Test
    void connectionsBeyondTheBoundAreClosedAtOnce() throws IOException {
        StatusServer server = open(PATIENT);
        for (int i = 0; i < PATIENT.maxConnections(); i++) {
            connect(server);
        }
        assertThat(connect(server).getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void onePageIsRenderedAtATimeAndShared() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        List<String> rendered = Collections.synchronizedList(new ArrayList<>());
        StatusServer server = open(REUSING, new Scrape() {
            @Override
            public String format(String accept) {
                return accept == null ? "text/plain" : accept;
            }

            @Override
            public byte[] render(String format) {
                rendered.add(format);
                begun.countDown();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return format.getBytes(StandardCharsets.UTF_8);
            }
        });
        Socket first = send(server, "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
        begun.await();
        Socket second = send(server, "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
        Socket other = send(server, "GET /metrics HTTP/1.1\r\nHost: a\r\nAccept: text/other\r\n\r\n");
        // Answered after what was asked before it.
        assertThat(ask(server, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")).startsWith("HTTP/1.1 200");
        assertThat(rendered).containsExactly("text/plain");
        go.countDown();
        assertThat(text(first)).endsWith("text/plain");
        assertThat(text(second)).endsWith("text/plain");
        assertThat(text(other)).endsWith("text/other");
        assertThat(rendered).containsExactly("text/plain", "text/other");
    }

    @Test
    void aPageIsShownAgainForAWhileAndNotForEver() throws IOException {
        AtomicInteger rendered = new AtomicInteger();
        Scrape counting = new Scrape() {
            @Override
            public String format(String accept) {
                return "text/plain";
            }

            @Override
            public byte[] render(String format) {
                return ("page " + rendered.incrementAndGet()).getBytes(StandardCharsets.UTF_8);
            }
        };
        String request = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n";
        StatusServer lasting = open(REUSING, counting);
        assertThat(ask(lasting, request)).endsWith("page 1");
        assertThat(ask(lasting, request)).endsWith("page 1");
        StatusServer fresh = open(PATIENT, counting);
        String page = ask(fresh, request);
        assertThat(page).endsWith("page 2");
        while (page.endsWith("page 2")) {
            page = ask(fresh, request);
        }
        assertThat(page).endsWith("page 3");
    }

    @Test
    void aFaultOfTheMetricsShowsNothingOfItself() throws IOException {
        StatusServer server = open(PATIENT, new Scrape() {
            @Override
            public String format(String accept) {
                return "text/plain";
            }

            @Override
            public byte[] render(String format) {
                throw new IllegalStateException("secret");
            }
        });
        assertThat(ask(server, "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"))
                .startsWith("HTTP/1.1 500")
                .doesNotContain("secret")
                .doesNotContain("Exception");
    }

    @Test
    void aTakenPortIsSaid() throws IOException {
        StatusServer server = open(PATIENT);
        assertThatThrownBy(() -> open(server.address(), PATIENT, new RegistryScrape(registry)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("in use");
    }

    @Test
    void addressesOfTheSixthVersionStandInBrackets() throws IOException {
        assertThat(ListenAddress.parse("--metrics", "[::1]:9404")).isEqualTo(new ListenAddress("::1", 9404));
        StatusServer server = open(ListenAddress.parse("--metrics", "[::1]:0"), PATIENT, new RegistryScrape(registry));
        assertThat(server.address().toString()).matches("\\[::1]:[1-9]\\d*");
        assertThat(ask(server, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")).startsWith("HTTP/1.1 200");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9404", "localhost", "localhost:", "localhost:65536", ":9404", "localhost:-1", "::1:9404"})
    void whatIsNoAddressIsRefused(String address) {
        assertThatThrownBy(() -> ListenAddress.parse("--metrics", address))
                .hasMessage("--metrics " + address
                        + ": must be host:port, the port 0 to 65535; IPv6 addresses stand in brackets");
    }

    private Counter counter() {
        return Counter.builder().name("a_total").help("A.").register(registry);
    }

    private StatusServer open(StatusLimits limits) throws IOException {
        return open(limits, new RegistryScrape(registry));
    }

    private StatusServer open(StatusLimits limits, Scrape scrape) throws IOException {
        return open(new ListenAddress("127.0.0.1", 0), limits, scrape);
    }

    private StatusServer open(ListenAddress address, StatusLimits limits, Scrape scrape) throws IOException {
        StatusServer server = StatusServer.open(
                address,
                scrape,
                new ProcessState() {
                    @Override
                    public boolean isAlive() {
                        return true;
                    }

                    @Override
                    public List<Check> checks() {
                        return List.of(new Check("topic", ready, "as \"told\""));
                    }
                },
                limits);
        opened.add(server);
        return server;
    }

    private Socket connect(StatusServer server) throws IOException {
        Socket socket = new Socket(server.address().host(), server.address().port());
        sockets.add(socket);
        return socket;
    }

    private Socket send(StatusServer server, String request) throws IOException {
        Socket socket = connect(server);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    /** The whole answer: the server closes behind it. */
    private String ask(StatusServer server, String request) throws IOException {
        return text(send(server, request));
    }

    private static String text(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** Asks until nobody is in the way. */
    private String awaitAnswer(StatusServer server, String request) {
        while (true) {
            // Closed at once: there may be thousands before somebody makes room.
            try (Socket socket = send(server, request)) {
                String answer = text(socket);
                if (answer.startsWith("HTTP/1.1 200")) {
                    return answer;
                }
            } catch (IOException e) {
                // Closed at once, as all the connections are taken.
                Thread.onSpinWait();
            }
        }
    }

    private static long drain(InputStream in) {
        byte[] buffer = new byte[65_536];
        long read = 0;
        try {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                read += n;
            }
        } catch (IOException e) {
            // Reset; what was read before counts.
            return read;
        }
        return read;
    }

    private static final class Fixed implements Scrape {
        private final byte[] page;

        Fixed(byte[] page) {
            this.page = page;
        }

        @Override
        public String format(String accept) {
            return "text/plain";
        }

        @Override
        public byte[] render(String format) {
            return page;
        }
    }
}
