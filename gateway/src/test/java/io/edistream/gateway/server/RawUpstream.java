package io.edistream.gateway.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.jspecify.annotations.Nullable;

/** An engine whose every byte is a test's. */
final class RawUpstream implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 10_000;
    private static final int BACKLOG = 1000;

    private final ServerSocket server;

    RawUpstream() throws IOException {
        server = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        server.setSoTimeout(PATIENCE_MILLIS);
    }

    int port() {
        return server.getLocalPort();
    }

    String url() {
        return "http://127.0.0.1:" + port();
    }

    /** The next connection. */
    Peer accept() throws IOException {
        Socket socket = server.accept();
        return new Peer(socket);
    }

    /** The next connection, when its request has been read. */
    Peer asked() throws IOException {
        Peer peer = accept();
        peer.readBody(peer.readHead());
        return peer;
    }

    /** Whether nobody connects for a moment: used behind a condition that a connection would come before. */
    boolean hasNoOther() throws IOException {
        server.setSoTimeout(1);
        try {
            server.accept().close();
            return false;
        } catch (java.net.SocketTimeoutException e) {
            return true;
        } finally {
            server.setSoTimeout(PATIENCE_MILLIS);
        }
    }

    /** The next connection if it comes within a moment; null if not. */
    @Nullable
    Peer poll() throws IOException {
        server.setSoTimeout(10);
        try {
            return accept();
        } catch (java.net.SocketTimeoutException e) {
            return null;
        } finally {
            server.setSoTimeout(PATIENCE_MILLIS);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
