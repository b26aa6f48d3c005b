package io.edistream.generator.decode;

import io.edistream.sequences.EndReason;
import io.edistream.sequences.GeneratedSequence;
import io.edistream.sequences.PromptGroup;
import io.edistream.signals.groups.SamplePlan;
import io.edistream.signals.groups.Votes;
import java.util.function.IntConsumer;

/**
 * Samples of one prompt that start when the votes so far ask for it, and end when they need not go on. Decided on the thread that
 * decodes, at each end; callers may read from any.
 */
public final class PlannedSamples {

    private final PromptGroup group;
    private final SamplePlan plan;
    private final IntConsumer starter;
    private final Runnable ender;
    private final IntConsumer spared;
    private Votes votes = Votes.NONE;
    private boolean givenUp;
    private boolean sparedTold;

    /**
     * @param starter starts so many more samples
     * @param ender ends all that run or wait
     * @param spared hears once how many of the budget were not started when the vote is settled and nothing runs or waits
     */
    PlannedSamples(PromptGroup group, SamplePlan plan, IntConsumer starter, Runnable ender, IntConsumer spared) {
        this.group = group;
        this.plan = plan;
        this.starter = starter;
        this.ender = ender;
        this.spared = spared;
    }

    /** All samples and branches of the prompt. */
    public PromptGroup group() {
        return group;
    }

    /** Who decides how many samples there are. */
    public SamplePlan plan() {
        return plan;
    }

    /** How the samples voted that have ended so far. */
    public synchronized Votes votes() {
        return votes;
    }

    /** A sequence of the group has ended. */
    void ended(GeneratedSequence sequence) {
        if (sequence.reason() == EndReason.REROUTED) {
            // What goes on elsewhere will vote.
            return;
        }
        Votes now = count(sequence);
        givenUp |= sequence.reason() == EndReason.CANCELLED;
        if (givenUp) {
            return;
        }
        int unfinished = group.unfinished();
        int more = plan.toStart(now, unfinished);
        if (more > 0) {
            starter.accept(more);
        } else if (unfinished > 0 && plan.toEnd(now, unfinished) == unfinished) {
            ender.run();
        } else if (unfinished == 0 && plan.isSettled(now, 0)) {
            tellSpared();
        }
    }

    /** Samples that join a group later make it idle again. */
    private void tellSpared() {
        if (!sparedTold) {
            sparedTold = true;
            // Branches vote in place of samples.
            spared.accept(Math.max(0, plan.budget() - group.started()));
        }
    }

    private synchronized Votes count(GeneratedSequence sequence) {
        Integer answer = sequence.reason().isNatural() ? sequence.answerClass() : null;
        votes = votes.plus(answer == null ? Votes.NO_ANSWER : answer);
        return votes;
    }
}
