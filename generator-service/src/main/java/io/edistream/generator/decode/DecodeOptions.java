package io.edistream.generator.decode;

/**
 * Limits of the decode loop.
 *
 * @param maxLiveSequences sequences that a route decodes at a time, at least 1
 * @param maxWaitingRequests requests that may wait for room on all routes together, at least 1
 * @param maxPromptTokensPerStep tokens of prompts that a route reads between two decode steps, at least 1: reading them
 *     holds up every live sequence, and a longer prompt is read in parts
 */
public record DecodeOptions(int maxLiveSequences, int maxWaitingRequests, int maxPromptTokensPerStep) {

    /**
     * @throws IllegalArgumentException if a component is below 1
     */
    public DecodeOptions {
        atLeastOne(maxLiveSequences, "live sequences");
        atLeastOne(maxWaitingRequests, "waiting requests");
        atLeastOne(maxPromptTokensPerStep, "prompt tokens per step");
    }

    /** 64 live sequences, 65,536 waiting requests, 128 tokens of prompts per step. */
    public static DecodeOptions defaults() {
        return new DecodeOptions(64, 65_536, 128);
    }

    private static void atLeastOne(int value, String what) {
        if (value < 1) {
            throw new IllegalArgumentException("maximum of " + what + " must be at least 1, not " + value);
        }
    }
}
