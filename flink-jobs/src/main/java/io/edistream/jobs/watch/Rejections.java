package io.edistream.jobs.watch;

import io.edistream.schemas.RejectReason;
import io.edistream.schemas.Rejected;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what is told of rejections within a budget: of each source and reason the first {@value #TOLD_PER_MINUTE} of a
 * minute are told one by one, the others counted and summed up when the minute is over. So the topic grows by no more
 * than what is wrong, and by far less when much is.
 *
 * <p>Not part of the job's state: after a failure the counting begins anew, and a summary that was due is lost.
 */
public final class Rejections {

    /** Rejections of one source and reason that are told one by one in a minute. */
    public static final int TOLD_PER_MINUTE = 16;

    /** Sources and reasons that have budgets of their own; beyond them all share one per reason. */
    static final int MAX_BUDGETS = 10_000;

    private static final long MINUTE_MILLIS = 60_000;
    private static final long ALL_OTHERS = 0;

    private final Counts counts;
    private final Map<Key, Budget> budgets = new HashMap<>();

    /**
     * @param counts told of every rejection, beyond the budget too
     */
    public Rejections(Counts counts) {
        this.counts = counts;
    }

    /**
     * A rejection; told if the budget allows.
     *
     * @param source the source, or any number that stands for where it came from
     */
    public void add(long source, Rejected rejected, long nowMillis, Output out) {
        counts.rejected(rejected.getReason());
        Budget budget = budget(new Key(source, rejected.getReason()), nowMillis);
        if (budget.isOver(nowMillis)) {
            budget.sumUp(out);
            budget.begin(nowMillis);
        }
        if (budget.told < TOLD_PER_MINUTE) {
            budget.told++;
            out.rejected(rejected);
        } else {
            budget.untold++;
            budget.last = rejected;
        }
    }

    private Budget budget(Key key, long nowMillis) {
        Budget own = budgets.get(key);
        if (own != null) {
            return own;
        }
        Key used = budgets.size() < MAX_BUDGETS ? key : new Key(ALL_OTHERS, key.reason);
        return budgets.computeIfAbsent(used, unused -> new Budget(nowMillis));
    }

    /** Tells the summaries that are due and forgets budgets whose minute is over. */
    public void tick(long nowMillis, Output out) {
        Iterator<Budget> all = budgets.values().iterator();
        while (all.hasNext()) {
            Budget budget = all.next();
            if (budget.isOver(nowMillis)) {
                budget.sumUp(out);
                all.remove();
            }
        }
    }

    private record Key(long source, RejectReason reason) {}

    private static final class Budget {
        private long beganMillis;
        private int told;
        private long untold;
        private @Nullable Rejected last;

        Budget(long nowMillis) {
            begin(nowMillis);
        }

        final void begin(long nowMillis) {
            beganMillis = nowMillis;
            told = 0;
            untold = 0;
            last = null;
        }

        boolean isOver(long nowMillis) {
            // A clock that was set back must not silence anybody until it is where it was.
            return nowMillis - beganMillis >= MINUTE_MILLIS || nowMillis < beganMillis;
        }

        void sumUp(Output out) {
            if (last != null) {
                Rejected summary = Rejected.newBuilder(last).build();
                summary.setCount(untold);
                summary.setDetail(
                        Records.cut(untold + " more like this within a minute; the last one: " + last.getDetail()));
                out.rejected(summary);
            }
        }
    }
}
