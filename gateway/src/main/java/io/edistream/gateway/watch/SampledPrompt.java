package io.edistream.gateway.watch;

import io.edistream.sequences.PromptGroup;
import io.edistream.sequences.hub.SequenceHub;
import org.jspecify.annotations.Nullable;

/**
 * A prompt whose samples are answers of their own and sequences of one group. How many there are is for a strategy to say, so that no rule
 * may start more of them or prune them. Used by one thread.
 */
public final class SampledPrompt {

    private final Watch watch;
    private final SequenceHub hub;
    private final int planned;
    private @Nullable PromptGroup group;
    private int begun;

    SampledPrompt(Watch watch, SequenceHub hub, int planned) {
        this.watch = watch;
        this.hub = hub;
        this.planned = planned;
    }

    /**
     * A sample is asked for.
     *
     * @param steering ends it where it flows
     */
    public WatchedAnswer begin(AnswerFacts facts, AnswerSteering steering) {
        long first = hub.nextCounter();
        PromptGroup joined = group;
        if (joined == null) {
            joined = new PromptGroup(first, planned, () -> {});
            joined.decideBy(ended -> {});
            group = joined;
        }
        begun++;
        if (begun > planned) {
            joined.plansOneMore();
        }
        return new WatchedAnswer(watch, hub, first, joined, facts, steering);
    }
}
