package io.edistream.signals;

import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Which signals are computed, with which options. Pinned at a sequence's start: scores are a function of its tokens and
 * of this.
 *
 * @param burstWindowTokens window of the burst count, 1 to {@value Burst#MAX_WINDOW_TOKENS}
 * @param burstThresholdNats threshold of the burst count, nats
 * @param reboundThresholdNats threshold of the rebound count, nats
 * @param trackedClass name of the token class over which every signal is computed a second time, 1 to
 *     {@value #MAX_CLASS_NAME_CHARACTERS} letters, digits, underscores and dashes; empty for none
 */
public record Scoring(
        int burstWindowTokens, double burstThresholdNats, double reboundThresholdNats, String trackedClass)
        implements Serializable {

    /** The longest name of a tracked class. */
    public static final int MAX_CLASS_NAME_CHARACTERS = 64;

    private static final Pattern CLASS_NAME = Pattern.compile("[A-Za-z0-9_-]{1," + MAX_CLASS_NAME_CHARACTERS + "}");

    /** No class is tracked. */
    public static final String NO_CLASS = "";

    /** The paper's thresholds (arXiv 2602.01288), a window of 8 tokens, no tracked class. */
    public static final Scoring DEFAULT = new Scoring(
            Burst.DEFAULT.windowTokens(), Burst.DEFAULT.thresholdNats(), Rebound.DEFAULT.thresholdNats(), NO_CLASS);

    /**
     * @throws IllegalArgumentException if a bound is violated; the message names it
     */
    public Scoring {
        Requirements.requireWithin("burst window", burstWindowTokens, 1, Burst.MAX_WINDOW_TOKENS);
        Requirements.requireNotNegative("burst threshold", burstThresholdNats);
        Requirements.requireNotNegative("rebound threshold", reboundThresholdNats);
        if (!trackedClass.equals(NO_CLASS) && !CLASS_NAME.matcher(trackedClass).matches()) {
            throw new IllegalArgumentException("tracked token class '" + trackedClass + "': must be 1 to "
                    + MAX_CLASS_NAME_CHARACTERS + " letters, digits, underscores and dashes");
        }
        // A zero of either sign compares alike, so it must be the same scoring with the same id.
        burstThresholdNats += 0.0;
        reboundThresholdNats += 0.0;
    }

    /** The same options with every signal computed over the tokens of one class too. */
    public Scoring withTrackedClass(String name) {
        return new Scoring(burstWindowTokens, burstThresholdNats, reboundThresholdNats, name);
    }

    /** Whether every signal is computed over the tokens of one class too. */
    public boolean tracksClass() {
        return !trackedClass.equals(NO_CLASS);
    }

    /**
     * A number that names the scoring: the first 8 bytes, big endian and signed, of the SHA-256 of the ASCII text
     *
     * <pre>scoring-1;burst=WINDOW,THRESHOLD;rebound=THRESHOLD;class=NAME</pre>
     *
     * in which WINDOW is decimal, a THRESHOLD is the 16 lower-case hexadecimal digits of its IEEE 754 double, and NAME is
     * empty if no class is tracked. The 1 changes with the catalogue: with its names, and with the options of its signals
     * that cannot be chosen. In Python:
     *
     * <pre>int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)</pre>
     *
     * with {@code struct.pack(">d", x).hex()} for a threshold. Computed anew at each call.
     */
    public long id() {
        String text = "scoring-1;burst=" + burstWindowTokens + "," + bits(burstThresholdNats) + ";rebound="
                + bits(reboundThresholdNats) + ";class=" + trackedClass;
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII));
            return ByteBuffer.wrap(hash).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static String bits(double value) {
        return HexFormat.of().toHexDigits(Double.doubleToLongBits(value));
    }

    /** Writes the options, so that stored state can say what it was computed with. */
    public void write(StateOutput out) throws IOException {
        out.writeCount(burstWindowTokens);
        out.writeDouble(burstThresholdNats);
        out.writeDouble(reboundThresholdNats);
        out.writeText(trackedClass);
    }

    /** Reads what {@link #write} wrote. */
    public static Scoring read(StateInput in) throws IOException {
        return new Scoring(in.readCount(), in.readDouble(), in.readDouble(), in.readText());
    }
}
