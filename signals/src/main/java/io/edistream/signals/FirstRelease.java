package io.edistream.signals;

import io.edistream.signals.StateLayout.Slot;
import java.util.ArrayList;
import java.util.List;

/**
 * What the first release stored of a sequence's signals. It named them without their configuration, and not their
 * fields, so both are written down here. Never to be changed, whatever becomes of the signals.
 */
public final class FirstRelease {

    private static final List<String> NAMES = List.of(
            "edis",
            "burst",
            "rebound",
            "entropy_variance",
            "mean_entropy",
            "sequence_entropy",
            "spike_count",
            "largest_windowed_entropy",
            "perplexity",
            "token_confidence",
            "lowest_group_confidence",
            "tail_confidence");

    private FirstRelease() {}

    /** The names that it had with these options. */
    public static List<String> names(SignalOptions options) {
        List<String> names = new ArrayList<>(NAMES);
        if (options.trackedClass() > 0) {
            NAMES.forEach(name -> names.add("class_" + options.trackedClass() + "." + name));
        }
        return List.copyOf(names);
    }

    /** The layout that it had with these options. */
    public static StateLayout layout(SignalOptions options) {
        int window = options.burstWindowTokens();
        return new StateLayout(List.of(
                new Slot(
                        "burst Burst[windowTokens=" + window + ", thresholdNats=" + options.burstThresholdNats() + "]",
                        window,
                        0,
                        "c"),
                new Slot("rebound Rebound[thresholdNats=" + options.reboundThresholdNats() + "]", 0, 0, "fc"),
                new Slot("entropy_variance EntropyVariance[]", 0, 0, "dd"),
                new Slot("sequence_entropy SequenceEntropy[]", 0, 0, "d"),
                new Slot("spike_count SpikeCount[thresholdNats=0.7]", 1, 0, "c"),
                new Slot("largest_windowed_entropy LargestWindowedEntropy[windowTokens=8]", 7, 0, "d"),
                new Slot("perplexity Perplexity[]", 0, 0, "d"),
                new Slot("token_confidence TokenConfidence[]", 0, 0, "d"),
                new Slot("lowest_group_confidence LowestGroupConfidence[groupTokens=32]", 0, 31, "d"),
                new Slot("tail_confidence TailConfidence[groupTokens=32]", 0, 31, "")));
    }
}
