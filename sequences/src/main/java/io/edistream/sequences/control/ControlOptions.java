package io.edistream.sequences.control;

import java.time.Duration;

/**
 * Limits for commands.
 *
 * @param maxCommandAge commands sent after a token that is older than this are not obeyed; above 0
 * @param rememberedCommands how many applied commands are remembered to tell duplicates, at least 1
 * @param maxGroupSequences commands start no more sequences in a group that has started so many in all, at least 1
 * @param maxReroutes how often a generation may go on elsewhere, at least 0
 */
public record ControlOptions(Duration maxCommandAge, int rememberedCommands, int maxGroupSequences, int maxReroutes) {

    /**
     * @throws IllegalArgumentException if a component is out of its bounds
     */
    public ControlOptions {
        if (maxCommandAge.isNegative() || maxCommandAge.isZero()) {
            throw new IllegalArgumentException("maximum command age must be above 0, not " + maxCommandAge);
        }
        if (rememberedCommands < 1) {
            throw new IllegalArgumentException("remembered commands must be at least 1, not " + rememberedCommands);
        }
        if (maxGroupSequences < 1) {
            throw new IllegalArgumentException("sequences of a group must be at least 1, not " + maxGroupSequences);
        }
        if (maxReroutes < 0) {
            throw new IllegalArgumentException("reroutes must be at least 0, not " + maxReroutes);
        }
    }

    /** With the usual limits of what commands may start. */
    public ControlOptions(Duration maxCommandAge, int rememberedCommands) {
        this(maxCommandAge, rememberedCommands, 256, 1);
    }

    /** Ten seconds, 65,536 ids, 256 sequences, one reroute. */
    public static ControlOptions defaults() {
        return new ControlOptions(Duration.ofSeconds(10), 65_536);
    }

    /** The same with another limit of how often a generation may go on elsewhere. */
    public ControlOptions withReroutes(int most) {
        return new ControlOptions(maxCommandAge, rememberedCommands, maxGroupSequences, most);
    }
}
