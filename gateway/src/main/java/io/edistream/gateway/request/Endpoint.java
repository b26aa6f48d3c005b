package io.edistream.gateway.request;

import java.util.Optional;

/** An endpoint whose answers can be watched. */
public enum Endpoint {
    CHAT("/v1/chat/completions", "chat.completions", "chat.completion", "chat.completion.chunk"),
    COMPLETIONS("/v1/completions", "completions", "text_completion", "text_completion");

    private final String path;
    private final String label;
    private final String whole;
    private final String chunk;

    Endpoint(String path, String label, String whole, String chunk) {
        this.path = path;
        this.label = label;
        this.whole = whole;
        this.chunk = chunk;
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

    /** What the member {@code object} says of an answer in one piece. */
    public String whole() {
        return whole;
    }

    /** What the member {@code object} says of an event. */
    public String chunk() {
        return chunk;
    }
}
