package io.edistream.generator.decode;

/**
 * Limits of the decode loop.
 *
 * @param maxLiveSequences sequences that a route decodes at a time, at least 1
 * @param maxWaitingRequests requests that may wait for room on all routes together, at least 1
 * @param maxPrefillsPerStep prompts that a route reads between two decode steps, at least 1: each of them holds up
 *     every live sequence
 */
public record DecodeOptions(int maxLiveSequences, int maxWaitingRequests, int maxPrefillsPerStep) {

    /**
     * @throws IllegalArgumentException if a component is below 1
     */
    public DecodeOptions {
        atLeastOne(maxLiveSequences, "live sequences");
        atLeastOne(maxWaitingRequests, "waiting requests");
        atLeastOne(maxPrefillsPerStep, "prefills per step");
    }

    /** 64 live sequences, 65,536 waiting requests, 4 prefills per step. */
    public static DecodeOptions defaults() {
        return new DecodeOptions(64, 65_536, 4);
    }

    private static void atLeastOne(int value, String what) {
        if (value < 1) {
            throw new IllegalArgumentException("maximum of " + what + " must be at least 1, not " + value);
        }
    }
}
