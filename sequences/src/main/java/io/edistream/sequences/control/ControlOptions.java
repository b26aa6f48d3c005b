package io.edistream.sequences.control;

import java.time.Duration;

/**
 * Limits for commands.
 *
 * @param maxCommandAge commands sent after a token that is older than this are not obeyed; above 0
 * @param rememberedCommands how many applied commands are remembered to tell duplicates, at least 1
 */
public record ControlOptions(Duration maxCommandAge, int rememberedCommands) {

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
    }

    /** Ten seconds, 65,536 ids. */
    public static ControlOptions defaults() {
        return new ControlOptions(Duration.ofSeconds(10), 65_536);
    }
}
