package io.edistream.schemas;

import java.util.List;

/**
 * The names of the topics, the one place where they are written.
 *
 * <p>Keys: {@link #tokenEntropy} and {@link #control} are keyed by generator id (8 bytes, big endian), so that start,
 * tokens and finish of a sequence stay in one partition and in order; {@link #scores}, {@link #spikes} and
 * {@link #controlOutcomes} by sequence id (16 bytes); {@link #rejected} has no key.
 *
 * @param prefix put before every name, for instance {@code edistream.}; may be empty
 */
public record Topics(String prefix) {

    /** The default prefix, {@code edistream.}. */
    public static final Topics DEFAULT = new Topics("edistream.");

    private static final String ALLOWED = "[a-zA-Z0-9._-]*";
    private static final int MAX_PREFIX_CHARACTERS = 200;

    /**
     * @throws IllegalArgumentException if Kafka would refuse a topic name with this prefix
     */
    public Topics {
        if (!prefix.matches(ALLOWED) || prefix.length() > MAX_PREFIX_CHARACTERS) {
            throw new IllegalArgumentException("topic prefix '" + prefix + "': at most " + MAX_PREFIX_CHARACTERS
                    + " letters, digits, '.', '_' and '-' are allowed");
        }
    }

    /** {@link TokenEntropyBatch}: what the generators decode. */
    public String tokenEntropy() {
        return versioned("token-entropy");
    }

    /** {@link Score}: running and final signals of each sequence. */
    public String scores() {
        return versioned("scores");
    }

    /** {@link Spike}: bursts and rebounds. */
    public String spikes() {
        return versioned("spikes");
    }

    /** {@link Command}: what rules ask of generators. */
    public String control() {
        return versioned("control");
    }

    /** {@link CommandOutcome}: what became of each command. */
    public String controlOutcomes() {
        return versioned("control-outcomes");
    }

    /** {@link Rejected}: events that could not be used. */
    public String rejected() {
        return versioned("rejected");
    }

    /** Every topic, in the order in which data flows. */
    public List<String> all() {
        return List.of(tokenEntropy(), scores(), spikes(), control(), controlOutcomes(), rejected());
    }

    private String versioned(String name) {
        return prefix + name + ".v1";
    }
}
