package io.edistream.http;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a server listens.
 *
 * @param host name or address of this machine, an IPv6 address without brackets
 * @param port 0 to 65535; 0 is any free one
 */
public record ListenAddress(String host, int port) {

    private static final Pattern FORM = Pattern.compile("(?:\\[([0-9a-fA-F:.%]+)]|([^\\[\\]:]+)):(\\d{1,5})");
    private static final int MAX_PORT = 65_535;

    /**
     * Reads {@code host:port}, or {@code [address]:port} for IPv6.
     *
     * @param option what the user calls it, for the message
     * @throws IllegalArgumentException if it is neither
     */
    public static ListenAddress parse(String option, String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches() || Integer.parseInt(parts.group(3)) > MAX_PORT) {
            throw new IllegalArgumentException(option + " " + text + ": must be host:port, the port 0 to " + MAX_PORT
                    + "; IPv6 addresses stand in brackets");
        }
        String host = parts.group(1) == null ? parts.group(2) : parts.group(1);
        return new ListenAddress(host, Integer.parseInt(parts.group(3)));
    }

    /** The same host with the port that was opened. */
    ListenAddress withPort(int opened) {
        return new ListenAddress(host, opened);
    }

    @Override
    public String toString() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
