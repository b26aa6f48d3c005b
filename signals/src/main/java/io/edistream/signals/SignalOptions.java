package io.edistream.signals;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * What can be chosen about the catalogue.
 *
 * @param burstWindowTokens window of the burst count, 1 to {@value Burst#MAX_WINDOW_TOKENS}
 * @param burstThresholdNats threshold of the burst count, nats
 * @param reboundThresholdNats threshold of the rebound count, nats
 * @param trackedClass token class over which every signal is computed a second time, 0 for none
 */
public record SignalOptions(
        int burstWindowTokens, double burstThresholdNats, double reboundThresholdNats, int trackedClass) {

    /** The paper's thresholds (arXiv 2602.01288), a window of 8 tokens, no tracked class. */
    public static final SignalOptions DEFAULT = new SignalOptions(
            Burst.DEFAULT.windowTokens(), Burst.DEFAULT.thresholdNats(), Rebound.DEFAULT.thresholdNats(), 0);

    /**
     * @throws IllegalArgumentException if a bound is violated; the message names it
     */
    public SignalOptions {
        Requirements.requireWithin("burst window", burstWindowTokens, 1, Burst.MAX_WINDOW_TOKENS);
        Requirements.requireNotNegative("burst threshold", burstThresholdNats);
        Requirements.requireNotNegative("rebound threshold", reboundThresholdNats);
        Requirements.requireWithin("tracked token class", trackedClass, 0, Token.MAX_CLASS);
    }

    /** The same options with every signal computed over one token class too; 0 for none. */
    public SignalOptions withTrackedClass(int tokenClass) {
        return new SignalOptions(burstWindowTokens, burstThresholdNats, reboundThresholdNats, tokenClass);
    }

    /** Writes the options, so that stored state can say what it was computed with. */
    public void write(DataOutput out) throws IOException {
        out.writeInt(burstWindowTokens);
        out.writeDouble(burstThresholdNats);
        out.writeDouble(reboundThresholdNats);
        out.writeInt(trackedClass);
    }

    /** Reads what {@link #write} wrote. */
    public static SignalOptions read(DataInput in) throws IOException {
        return new SignalOptions(in.readInt(), in.readDouble(), in.readDouble(), in.readInt());
    }
}
