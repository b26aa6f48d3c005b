package io.edistream.embedded;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The TCP ports that this process listens on, as Linux tells; elsewhere the test that asks is skipped. */
final class ListeningSockets {

    /** A socket in state 0A, listening: its local address, its port, and nine columns on its inode. */
    private static final Pattern LISTENING =
            Pattern.compile("\\s*\\d+: (\\p{XDigit}+):(\\p{XDigit}+) \\S+ 0A \\S+ \\S+ \\S+\\s+\\d+\\s+\\d+ (\\d+) .*");

    private static final int WORD_BYTES = 4;

    private ListeningSockets() {}

    static Set<InetSocketAddress> ofThisProcess() {
        assumeThat(Path.of("/proc/self/net/tcp")).exists();
        try {
            Set<String> inodes = socketInodes();
            Set<InetSocketAddress> addresses = new HashSet<>();
            for (String table : List.of("/proc/self/net/tcp", "/proc/self/net/tcp6")) {
                if (Files.exists(Path.of(table))) {
                    for (String line : Files.readAllLines(Path.of(table))) {
                        Matcher socket = LISTENING.matcher(line);
                        if (socket.matches() && inodes.contains("socket:[" + socket.group(3) + "]")) {
                            addresses.add(address(socket.group(1), socket.group(2)));
                        }
                    }
                }
            }
            return addresses;
        } catch (IOException e) {
            throw new UncheckedIOException("the sockets of this process cannot be listed", e);
        }
    }

    private static Set<String> socketInodes() throws IOException {
        Set<String> inodes = new HashSet<>();
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path descriptor : (Iterable<Path>) descriptors::iterator) {
                target(descriptor).ifPresent(inodes::add);
            }
        }
        return inodes;
    }

    private static Optional<String> target(Path descriptor) throws IOException {
        try {
            return Optional.of(Files.readSymbolicLink(descriptor).toString());
        } catch (NoSuchFileException e) {
            // Closed since the listing.
            return Optional.empty();
        }
    }

    /** Reads {@code 0100007F} and {@code 1F90}: the address as little-endian words, the port. */
    private static InetSocketAddress address(String host, String port) throws IOException {
        byte[] words = HexFormat.of().parseHex(host);
        byte[] bytes = new byte[words.length];
        for (int i = 0; i < words.length; i++) {
            int inWord = i % WORD_BYTES;
            bytes[i] = words[i - inWord + WORD_BYTES - 1 - inWord];
        }
        return new InetSocketAddress(InetAddress.getByAddress(bytes), Integer.parseInt(port, 16));
    }
}
