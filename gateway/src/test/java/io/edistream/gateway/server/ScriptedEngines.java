package io.edistream.gateway.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PushbackInputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Many engines behind one port, told apart by the path of their upstreams. What a request is answered with is said by whoever the
 * request's id belongs to; any other request is answered with an empty object, so that an engine that was down is up again.
 */
final class ScriptedEngines implements AutoCloseable {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int BACKLOG = 1000;
    private static final byte[] EMPTY =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}".getBytes(UTF_8);

    /** They have no tokenizer to ask. */
    private static final byte[] UNKNOWN = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".getBytes(UTF_8);

    private final ServerSocket server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, Owner> owners = new ConcurrentHashMap<>();

    /** Says what requests of an id are answered with. */
    interface Owner {

        void asked(Call call);

        /** Something happened to a call. */
        void stirred();
    }

    ScriptedEngines() throws IOException {
        server = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        threads.execute(this::accept);
    }

    /** Where an upstream is. */
    String url(String upstream) {
        return "http://127.0.0.1:" + server.getLocalPort() + "/" + upstream;
    }

    void own(String requestId, Owner owner) {
        owners.put(requestId, owner);
    }

    void disown(String requestId) {
        owners.remove(requestId);
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                threads.execute(() -> serve(socket));
            }
        } catch (IOException e) {
            // It is closed.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            PushbackInputStream in = new PushbackInputStream(new BufferedInputStream(socket.getInputStream()));
            for (String head = head(in); head != null; head = head(in)) {
                byte[] body = in.readNBytes(Integer.parseInt("0" + header(head, "content-length")));
                Owner owner = owners.get(header(head, "x-request-id"));
                if (owner == null || !head.startsWith("POST")) {
                    socket.getOutputStream().write(EMPTY);
                    continue;
                }
                String path = head.substring(head.indexOf('/') + 1, head.indexOf(" HTTP/"));
                if (!path.endsWith("/completions")) {
                    socket.getOutputStream().write(UNKNOWN);
                    continue;
                }
                Call call = new Call(socket, path.substring(0, path.indexOf('/')), MAPPER.readTree(body));
                owner.asked(call);
                int next;
                try {
                    next = in.read();
                } catch (IOException e) {
                    next = -1;
                }
                if (next < 0) {
                    call.closed = true;
                    owner.stirred();
                    return;
                }
                in.unread(next);
            }
        } catch (IOException e) {
            // Whoever asked is gone.
        }
    }

    private static String header(String head, String name) {
        for (String line : head.split("\r\n")) {
            int colon = line.indexOf(':');
            if (colon > 0 && line.substring(0, colon).equalsIgnoreCase(name)) {
                return line.substring(colon + 1).strip();
            }
        }
        return "";
    }

    private static @Nullable String head(PushbackInputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int ends = 0;
        while (ends < 4) {
            int next = in.read();
            if (next < 0) {
                return null;
            }
            head.write(next);
            ends = next == "\r\n\r\n".charAt(ends) ? ends + 1 : next == '\r' ? 1 : 0;
        }
        return head.toString(ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        server.close();
        threads.shutdownNow();
    }

    /** One request to an engine. */
    static final class Call {

        private final Socket socket;
        private final String upstream;
        private final JsonNode asked;
        private volatile boolean closed;

        private Call(Socket socket, String upstream, JsonNode asked) {
            this.socket = socket;
            this.upstream = upstream;
            this.asked = asked;
        }

        String upstream() {
            return upstream;
        }

        /** What it was asked for. */
        JsonNode asked() {
            return asked;
        }

        /** Whether its connection is closed, by whichever side. */
        boolean isClosed() {
            return closed;
        }

        /** Sends bytes; whoever is gone gets none. */
        void send(byte[] bytes) {
            try {
                socket.getOutputStream().write(bytes);
            } catch (IOException e) {
                // The other side has closed.
            }
        }

        void close(boolean withReset) {
            try {
                if (withReset) {
                    socket.setSoLinger(true, 0);
                }
                socket.close();
            } catch (IOException e) {
                // Then it is closed.
            }
        }
    }
}
