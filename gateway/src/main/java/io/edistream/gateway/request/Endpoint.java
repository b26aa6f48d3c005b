package io.edistream.gateway.request;

import java.util.Optional;

/** An endpoint whose answers can be watched. */
public enum Endpoint {
    CHAT("/v1/chat/completions", "chat.completions"),
    COMPLETIONS("/v1/completions", "completions");

    private final String path;
    private final String label;

    Endpoint(String path, String label) {
        this.path = path;
        this.label = label;
    }

    /** The one at a path; empty if what is there passes through unwatched. */
    public static Optional<Endpoint> at(String path) {
        for (Endpoint endpoint : values()) {
            if (endpoint.path.equals(path)) {
                return Optional.of(endpoint);
            }
        }
        return Optional.empty();
    }

    /** Where it is, below the base. */
    public String path() {
        return path;
    }

    /** What metrics call it. */
    public String label() {
        return label;
    }
}
