package io.edistream.signals.monitor;

import io.edistream.signals.EntropyKind;

/**
 * What is known of a sequence when it starts.
 *
 * @param group prompt group: the counter of its first sequence in the same source
 * @param model name of the model
 * @param route name of the route
 * @param request its caller's name for the request, empty if it gave none
 * @param entropyKind kind of all its entropies
 * @param vocabularySize tokens of the model's vocabulary; 0 if unknown
 * @param maxEntropyNats largest entropy that its tokens may have, nats
 * @param tokenClasses token classes that its tokens may name, at least 1
 * @param firstJudgedToken index from which on rules and spikes look at its tokens. 0 for a root. A branch was judged
 *     in its parent up to the token that it was forked at, that one included, since both drew it from the same
 *     distribution; what comes before this index counts in its scores but leads to nothing.
 */
public record SequenceInfo(
        long group,
        String model,
        String route,
        String request,
        EntropyKind entropyKind,
        int vocabularySize,
        double maxEntropyNats,
        int tokenClasses,
        int firstJudgedToken) {}
