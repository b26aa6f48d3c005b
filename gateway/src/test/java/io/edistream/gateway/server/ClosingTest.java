package io.edistream.gateway.server;

import static io.edistream.gateway.server.ChatEvents.STREAM;
import static io.edistream.gateway.server.ChatEvents.token;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.gateway.watch.Aborts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * How soon an upstream is closed that nobody needs any more. Medians: any single one may have to wait for a processor, and
 * {@code benchmarks/run gateway-streams} has the tails.
 */
@Timeout(60)
class ClosingTest {

    private static final int ROUNDS = 31;

    /** Of these the code is cold. */
    private static final int WARM_UP = 10;

    private static final double COMMAND_MILLIS = 5;
    private static final double LEAVING_MILLIS = 100;
    private static final String STREAMED = "{\"model\":\"m\",\"stream\":true,\"messages\":[]}";
    private static final String WHOLE = "{\"model\":\"m\",\"messages\":[],\"odd\":1}";

    @TempDir
    private Path folder;

    private final WatchFixture watched = new WatchFixture(0xAB);
    private RawUpstream upstream;

    @BeforeEach
    void listen() throws IOException {
        upstream = new RawUpstream();
    }

    @AfterEach
    void stopListening() throws IOException {
        upstream.close();
        watched.close();
    }

    @Test
    void aCommandClosesWithinFiveMilliseconds() throws Exception {
        List<Double> millis = new ArrayList<>();
        try (GatewayFixture gateway = gateway(upstream.url())) {
            for (int round = 0; round < ROUNDS; round++) {
                try (Peer client = gateway.client()) {
                    client.post("/v1/chat/completions", STREAMED);
                    try (Peer engine = upstream.asked()) {
                        engine.send(STREAM + Peer.chunk(token(0, "a")));
                        String head = client.readHead();
                        watched.published.untilTokens(round + 1);
                        long sent = System.nanoTime();
                        watched.commands.send(Aborts.of(round, 0));
                        engine.awaitClosed();
                        millis.add((System.nanoTime() - sent) / 1e6);
                        assertThat(client.readBody(head)).asString(UTF_8).contains("\"action\":\"abort\"");
                    }
                }
            }
        }
        assertThat(median(millis)).isLessThan(COMMAND_MILLIS);
    }

    @Test
    void aClientThatLeavesBeforeTheFirstByteClosesInTime() throws Exception {
        leaves("before_first_byte", STREAMED, null);
    }

    @Test
    void aClientThatLeavesInMidStreamClosesInTime() throws Exception {
        leaves("streaming", STREAMED, STREAM + Peer.chunk(token(0, "a")));
    }

    @Test
    void aClientThatLeavesAStreamThatNobodyWatchesClosesInTime() throws Exception {
        leaves("streaming", "{\"stream\":true,\"edistream\":{\"watch\":false}}", STREAM + Peer.chunk("data: 1\n\n"));
    }

    @Test
    void aClientThatLeavesAnAnswerInOnePieceClosesInTime() throws Exception {
        leaves("not_streamed", WHOLE, null);
    }

    /**
     * @param begun what the engine sends before the client leaves, of which the client waits for the head; null if nothing
     */
    private void leaves(String window, String asked, String begun) throws Exception {
        List<Double> millis = new ArrayList<>();
        try (GatewayFixture gateway = gateway(upstream.url())) {
            for (int round = 0; round < ROUNDS; round++) {
                Peer client = gateway.client();
                client.post("/v1/chat/completions", asked);
                try (Peer engine = upstream.asked()) {
                    if (begun != null) {
                        engine.send(begun);
                        client.readHead();
                        client.readChunk();
                    }
                    long left = System.nanoTime();
                    client.close();
                    engine.awaitClosed();
                    millis.add((System.nanoTime() - left) / 1e6);
                }
            }
            assertThat(gateway.metrics())
                    .contains("edistream_gateway_clients_left_total{window=\"" + window + "\"} " + ROUNDS + ".0");
        }
        assertThat(median(millis)).isLessThan(LEAVING_MILLIS);
    }

    /** An engine that takes no connection any more: the request waits for one. */
    @Test
    void aClientThatLeavesTheQueueLeavesNothingBehind() throws Exception {
        List<Socket> waiting = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), full.getLocalPort());
            while (connects(address, waiting)) {
                // One more that is never accepted.
            }
            try (GatewayFixture gateway = gateway("http://127.0.0.1:" + full.getLocalPort())) {
                Peer client = gateway.client();
                client.post("/v1/chat/completions", STREAMED);
                gateway.awaitMetric("edistream_gateway_upstream_requests{upstream=\"local\"} 1.0");
                client.close();
                gateway.awaitMetric("edistream_gateway_clients_left_total{window=\"queued\"} 1.0");
                gateway.awaitMetric("edistream_gateway_upstream_requests{upstream=\"local\"} 0.0");
            }
        } finally {
            for (Socket socket : waiting) {
                socket.close();
            }
        }
    }

    private static boolean connects(InetSocketAddress address, List<Socket> waiting) throws IOException {
        Socket socket = new Socket();
        waiting.add(socket);
        try {
            socket.connect(address, 200);
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    private static double median(List<Double> millis) {
        return millis.subList(WARM_UP, millis.size()).stream()
                .sorted()
                .skip((millis.size() - WARM_UP) / 2)
                .findFirst()
                .orElseThrow();
    }

    private GatewayFixture gateway(String url) throws Exception {
        return new GatewayFixture(
                folder, "upstreams: [{name: local, url: '" + url + "', kind: generic}]\n", watched.watch);
    }
}
