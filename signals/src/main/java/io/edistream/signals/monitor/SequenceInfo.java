package io.edistream.signals.monitor;

/**
 * What is known of a sequence when it starts.
 *
 * @param group prompt group: the counter of its first sequence in the same generator
 * @param model name of the model
 * @param route name of the route
 * @param entropyKind ordinal of the kind of entropy in the events' schema
 * @param maxEntropyNats largest entropy that the vocabulary allows, ln of its size
 * @param firstJudgedToken index from which on rules and spikes look at its tokens. 0 for a root. A branch was judged
 *     in its parent up to the token that it was forked at, that one included, since both drew it from the same
 *     distribution; what comes before this index counts in its scores but leads to nothing.
 */
public record SequenceInfo(
        long group, String model, String route, int entropyKind, double maxEntropyNats, int firstJudgedToken) {}
