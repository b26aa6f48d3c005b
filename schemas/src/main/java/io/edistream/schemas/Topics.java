package io.edistream.schemas;

import java.util.ArrayList;
import java.util.List;

/**
 * The names of the topics, the one place where they are written.
 *
 * <p>Keys: {@link #tokenEntropy}, {@link #control}, {@link #rejected} and {@link #panes} are keyed by generator id (8
 * bytes, big endian), so that start, tokens and finish of a sequence stay in one partition and in order; {@link #scores},
 * {@link #spikes} and {@link #controlOutcomes} by sequence id (16 bytes); {@link #rules}, {@link #ruleModes} and
 * {@link #audit} by what a rule is called, {@link #profiles} and {@link #fleet} by what they hold for, {@link #groups} by
 * group id.
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

    /** Rules, each revision whole and immutable. Provisional. */
    public String rules() {
        return versioned("rules");
    }

    /** Whether a rule is armed, in shadow or off, and the kill switch. Provisional. */
    public String ruleModes() {
        return versioned("rule-modes");
    }

    /** Who changed what of the rules. Provisional. */
    public String audit() {
        return versioned("audit");
    }

    /** Quantiles and limits from calibrations. Provisional. */
    public String profiles() {
        return versioned("profiles");
    }

    /** What the sequences of a prompt come to together. Provisional. */
    public String groups() {
        return versioned("groups");
    }

    /** One second of one generator: counts and sketches. Provisional. */
    public String panes() {
        return versioned("panes");
    }

    /** Windows over all generators, merged from panes. Provisional. */
    public String fleet() {
        return versioned("fleet");
    }

    /** What the job and a source of tokens need, in the order in which data flows. */
    public List<String> required() {
        return List.of(tokenEntropy(), scores(), spikes(), control(), controlOutcomes(), rejected());
    }

    /** Every topic of the contract: the {@linkplain #required required} ones, then those that are provisional. */
    public List<String> all() {
        List<String> all = new ArrayList<>(required());
        all.addAll(List.of(rules(), ruleModes(), audit(), profiles(), groups(), panes(), fleet()));
        return List.copyOf(all);
    }

    private String versioned(String name) {
        return prefix + name + ".v1";
    }
}
