package io.edistream.benchmarks.waves;

import io.edistream.benchmarks.waves.Problem.Sample;
import io.edistream.signals.groups.SamplePlan;
import io.edistream.signals.groups.Votes;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Lets a plan start and end the recorded samples of one problem. Those that run decode a token each at the same time, as rows of one
 * batch do.
 */
final class GroupRun {

    private final SamplePlan plan;
    private final boolean ends;

    private final PriorityQueue<Running> running =
            new PriorityQueue<>(Comparator.comparingLong(Running::endsAt).thenComparingInt(Running::number));

    private Votes votes = Votes.NONE;
    private long now;
    private long tokens;
    private int started;

    private GroupRun(SamplePlan plan, boolean ends) {
        this.plan = plan;
        this.ends = ends;
    }

    /**
     * What a problem costs and comes to.
     *
     * @param order the problem's samples in the order in which they start
     * @param ends whether samples that need not go on are ended
     */
    static Outcome of(Problem problem, List<Sample> order, SamplePlan plan, boolean ends) {
        GroupRun run = new GroupRun(plan, ends);
        run.run(order.iterator());
        return new Outcome(
                run.tokens,
                run.votes.leading().isPresent()
                        && problem.isRight(run.votes.leading().getAsInt()));
    }

    private void run(Iterator<Sample> next) {
        while (true) {
            for (int more = plan.toStart(votes, running.size()); more > 0 && next.hasNext(); more--) {
                Sample sample = next.next();
                running.add(new Running(sample, started++, now, now + sample.tokens()));
            }
            if (running.isEmpty()) {
                return;
            }
            Running ended = running.remove();
            now = ended.endsAt();
            tokens += ended.sample().tokens();
            votes = votes.plus(ended.sample().answerClass());
            if (ends && plan.toEnd(votes, running.size()) == running.size()) {
                running.forEach(sample -> tokens += now - sample.startedAt());
                running.clear();
            }
        }
    }

    /**
     * What it cost and came to.
     *
     * @param tokens tokens of all samples that were started
     * @param right whether the leading answer is right
     */
    record Outcome(long tokens, boolean right) {}

    /** A sample that runs, with its times in tokens. */
    private record Running(Sample sample, int number, long startedAt, long endsAt) {}
}
