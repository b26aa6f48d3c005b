package io.edistream.gateway.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** A key that is never printed. */
public final class Secret {

    private final String value;

    /**
     * @throws IllegalArgumentException if it could not stand in a header
     */
    public Secret(String value) {
        if (value.isEmpty() || !value.chars().allMatch(letter -> letter > 0x20 && letter < 0x7f)) {
            throw new IllegalArgumentException(
                    "a key must have at least one character and only printable ones of ASCII," + " without blanks");
        }
        this.value = value;
    }

    /** What an Authorization header says with it. */
    public String bearer() {
        return "Bearer " + value;
    }

    /** Whether an Authorization header has this key; takes as long wherever the two differ. */
    public boolean isIn(String authorization) {
        return MessageDigest.isEqual(
                bearer().getBytes(StandardCharsets.UTF_8), authorization.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "(hidden)";
    }
}
