package io.edistream.gateway.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Locale;

/** One side of a connection, byte by byte: an engine or a client that does whatever a test wants. */
final class Peer implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 10_000;

    private final Socket socket;
    private final InputStream in;

    Peer(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    static Peer connect(int port) throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
        return new Peer(socket);
    }

    Peer send(String text) throws IOException {
        return send(text.getBytes(UTF_8));
    }

    Peer send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        return this;
    }

    /** Sends a request with a JSON body. */
    Peer post(String path, String body, String... headers) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        StringBuilder head =
                new StringBuilder("POST " + path + " HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        head.append("Content-Length: ").append(bytes.length).append("\r\n\r\n");
        return send(head.toString()).send(bytes);
    }

    /** The head of a request or a response, with its empty line. */
    String readHead() throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("closed after " + head.toString(ISO_8859_1));
            }
            head.write(next);
        }
        return head.toString(ISO_8859_1);
    }

    /** The body that belongs to a head: as long as it says, in chunks, or until the end. */
    byte[] readBody(String head) throws IOException {
        String lower = head.toLowerCase(Locale.ROOT);
        int at = lower.indexOf("content-length: ");
        if (at >= 0) {
            int length = Integer.parseInt(lower.substring(at + "content-length: ".length(), lower.indexOf("\r\n", at)));
            return in.readNBytes(length);
        }
        if (!lower.contains("transfer-encoding: chunked")) {
            return lower.startsWith("http/") ? in.readAllBytes() : new byte[0];
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (byte[] chunk = readChunk(); chunk.length > 0; chunk = readChunk()) {
            body.writeBytes(chunk);
        }
        return body.toByteArray();
    }

    /** A chunk of a body; empty for the last one. */
    byte[] readChunk() throws IOException {
        int length = Integer.parseInt(readLine(), 16);
        byte[] chunk = in.readNBytes(length);
        readLine();
        return chunk;
    }

    private String readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new IOException("closed");
            }
            if (next != '\r') {
                line.write(next);
            }
        }
        return line.toString(ISO_8859_1);
    }

    /** A chunk of a response's body. */
    static String chunk(String text) {
        return Integer.toHexString(text.getBytes(UTF_8).length) + "\r\n" + text + "\r\n";
    }

    /** Reads on until the other side has closed. */
    void awaitClosed() throws IOException {
        try {
            while (in.read() >= 0) {
                // Whatever comes.
            }
        } catch (SocketTimeoutException e) {
            throw new IOException("not closed after " + PATIENCE_MILLIS + " ms", e);
        } catch (IOException e) {
            // Reset is closed, too.
        }
    }

    /** Closes with a reset. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
