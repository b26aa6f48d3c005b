package io.edistream.sequences;

/**
 * Uniform numbers for sampling, as a function of seed and token index alone: no state, so that a replay, a fork or a
 * different batch draws the same number for the same token. The mixing is SplitMix64's.
 */
public final class Uniforms {

    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private static final double STEP = 0x1.0p-53;

    private Uniforms() {}

    /** The number in [0, 1) that chooses a sequence's token {@code tokenIndex}. */
    public static double at(long seed, int tokenIndex) {
        return (mixed(mixed(seed) + tokenIndex * GOLDEN_GAMMA) >>> 11) * STEP;
    }

    /** Seed of sample {@code sample} of a request; sample 0 has the request's own. */
    public static long sampleSeed(long seed, int sample) {
        return sample == 0 ? seed : mixed(mixed(seed ^ GOLDEN_GAMMA) + sample);
    }

    /** Seed of the child number {@code child} that is forked from a sequence at a token. */
    public static long childSeed(long parentSeed, int forkToken, int child) {
        return mixed(mixed(mixed(parentSeed) + forkToken) + child);
    }

    private static long mixed(long value) {
        long z = value + GOLDEN_GAMMA;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
