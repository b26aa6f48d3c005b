package io.edistream.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * A TCP port of the loopback interface that stays with this object from its making to its close, whether a server
 * listens on it or not.
 *
 * <p>Between two servers the port is bound but not listened on. So connections are refused as if nothing were there,
 * and the number is not given to anybody who asks for a free one: least of all to the outgoing connection of a client
 * that tries this very port again and again. A server that asks for this number by name can still take it.
 */
final class LoopbackPort implements AutoCloseable {

    static final String HOST = "127.0.0.1";

    private static final byte[] HOST_BYTES = {127, 0, 0, 1};
    private static final int BACKLOG = 128;

    private final int number;
    private NetworkChannel holder;

    /**
     * Takes a port.
     *
     * @param wanted the number, or 0 for any free one
     * @throws UncheckedIOException if it is taken
     */
    LoopbackPort(int wanted) {
        this.holder = hold(wanted);
        this.number = numberOf(holder);
    }

    int number() {
        return number;
    }

    InetSocketAddress address() {
        return address(number);
    }

    /**
     * Listens on the port; who asked closes the channel and then calls {@link #rest}.
     *
     * @throws UncheckedIOException if another process was quick enough to take the port just now
     */
    ServerSocketChannel listen() {
        try {
            holder.close();
            ServerSocketChannel channel = ServerSocketChannel.open();
            holder = channel;
            channel.bind(address(number), BACKLOG);
            channel.configureBlocking(false);
            return channel;
        } catch (IOException e) {
            throw taken(number, e);
        }
    }

    /** Keeps the port, but refuses connections from now on. */
    void rest() {
        close();
        holder = hold(number);
    }

    @Override
    public void close() {
        try {
            holder.close();
        } catch (IOException e) {
            throw new UncheckedIOException("port " + number + " could not be given back", e);
        }
    }

    private static NetworkChannel hold(int wanted) {
        try {
            SocketChannel channel = SocketChannel.open();
            try {
                // Connections that a server has just closed keep its port for a minute; this allows to share it.
                channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                return channel.bind(address(wanted));
            } catch (IOException | RuntimeException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw taken(wanted, e);
        }
    }

    private static int numberOf(NetworkChannel channel) {
        try {
            return ((InetSocketAddress) channel.getLocalAddress()).getPort();
        } catch (IOException e) {
            throw new UncheckedIOException("a port that was just taken has no number", e);
        }
    }

    private static InetSocketAddress address(int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(HOST_BYTES), port);
        } catch (UnknownHostException e) {
            throw new AssertionError("four bytes are an address", e);
        }
    }

    private static UncheckedIOException taken(int port, IOException cause) {
        return new UncheckedIOException(
                "port " + port + " of " + HOST
                        + " cannot be used: stop the process that listens on it, or choose another port",
                cause);
    }
}
