package io.edistream.generator.decode;

/**
 * Limits of the decode loop.
 *
 * @param maxLiveSequences sequences that a route decodes at a time, at least 1
 * @param maxWaitingRequests requests that may wait for room on all routes together, at least 1
 * @param maxPromptTokensPerStep tokens of prompts that a route reads between two decode steps, at least 1: reading them
 *     holds up every live sequence, and a longer prompt is read in parts
 * @param maxWorkingBytes bytes that a call of a model may allocate while it runs, at least 1: a step that needs more is made in
 *     several calls
 */
public record DecodeOptions(
        int maxLiveSequences, int maxWaitingRequests, int maxPromptTokensPerStep, long maxWorkingBytes) {

    /** What a small machine can spare: 512 MiB. */
    public static final long DEFAULT_WORKING_BYTES = 512L << 20;

    /**
     * @throws IllegalArgumentException if a component is below 1
     */
    public DecodeOptions {
        atLeastOne(maxLiveSequences, "live sequences");
        atLeastOne(maxWaitingRequests, "waiting requests");
        atLeastOne(maxPromptTokensPerStep, "prompt tokens per step");
        atLeastOne(maxWorkingBytes, "working bytes");
    }

    /** With {@link #DEFAULT_WORKING_BYTES}. */
    public DecodeOptions(int maxLiveSequences, int maxWaitingRequests, int maxPromptTokensPerStep) {
        this(maxLiveSequences, maxWaitingRequests, maxPromptTokensPerStep, DEFAULT_WORKING_BYTES);
    }

    /** 64 live sequences, 65,536 waiting requests, 128 tokens of prompts per step, 512 MiB for a call. */
    public static DecodeOptions defaults() {
        return new DecodeOptions(64, 65_536, 128);
    }

    private static void atLeastOne(long value, String what) {
        if (value < 1) {
            throw new IllegalArgumentException("maximum of " + what + " must be at least 1, not " + value);
        }
    }
}
