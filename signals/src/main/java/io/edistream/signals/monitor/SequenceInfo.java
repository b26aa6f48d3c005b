package io.edistream.signals.monitor;

/**
 * What is known of a sequence when it starts.
 *
 * @param group prompt group: the counter of its first sequence in the same generator
 * @param model name of the model
 * @param route name of the route
 * @param entropyKind ordinal of the kind of entropy in the events' schema
 * @param maxEntropyNats largest entropy that the vocabulary allows, ln of its size
 * @param forkToken index of the first token of its own; 0 unless it was forked from another sequence. Rules and
 *     spikes ignore the tokens before it, which were judged in the parent.
 */
public record SequenceInfo(
        long group, String model, String route, int entropyKind, double maxEntropyNats, int forkToken) {}
