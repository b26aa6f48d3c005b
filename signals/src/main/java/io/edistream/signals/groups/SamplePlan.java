package io.edistream.signals.groups;

/**
 * What to do about the samples of one prompt, given how those voted that have ended and how many run: how many more to start
 * now, whether the vote is settled, and how many of the running ones need not go on. Knows no clock and no sample by
 * name; whoever asks chooses which ones to end.
 *
 * <p>A sample that ended without an answer, or was ended, counts against the budget and does not vote. Asked after every start and
 * every end it is settled at last, or has spent its budget; once settled it stays so.
 *
 * @param strategy when samples start
 * @param budget the most samples that may start, 1 to {@value Votes#MAX_SAMPLES}; some that started beyond it, such as
 *     branches, vote as any other
 */
public record SamplePlan(Strategy strategy, int budget) {

    /**
     * @throws IllegalArgumentException if the bound is violated
     */
    public SamplePlan {
        if (budget < 1 || budget > Votes.MAX_SAMPLES) {
            throw new IllegalArgumentException("budget of " + budget + " samples: must be 1 to " + Votes.MAX_SAMPLES);
        }
    }

    /**
     * Samples to start now, at least 0: what the strategy wants, none once the vote is settled or the budget spent.
     *
     * @param running samples that run, at least 0
     * @throws IllegalArgumentException if fewer than none run
     */
    public int toStart(Votes votes, int running) {
        int left = left(votes, running);
        return isSettled(votes, running) ? 0 : Math.min(strategy.wanted(running), left);
    }

    /**
     * Whether the leading answer is final: it is enough for the strategy, or the samples that run or may still start cannot
     * change it.
     *
     * @param running samples that run, at least 0
     * @throws IllegalArgumentException if fewer than none run
     */
    public boolean isSettled(Votes votes, int running) {
        return isDecided(votes, running) || strategy.isEnough(votes, running);
    }

    /**
     * Whether no answer of the samples that run or may still start can change which one leads. False while there is none.
     *
     * @param running samples that run, at least 0
     * @throws IllegalArgumentException if fewer than none run
     */
    public boolean isDecided(Votes votes, int running) {
        return votes.isDecidedWith(running + left(votes, running));
    }

    /**
     * Running samples that need not go on: all, once the vote is settled.
     *
     * @param running samples that run, at least 0
     * @throws IllegalArgumentException if fewer than none run
     */
    public int toEnd(Votes votes, int running) {
        return isSettled(votes, running) ? mayEnd(votes, running) : 0;
    }

    /**
     * Running samples that a group rule may end, whatever its reason: while no sample has answered, never the last one that
     * runs, or the prompt would be left without an answer.
     *
     * @param running samples that run, at least 0
     */
    public static int mayEnd(Votes votes, int running) {
        return votes.cast() > 0 ? running : Math.max(0, running - 1);
    }

    private int left(Votes votes, int running) {
        if (running < 0) {
            throw new IllegalArgumentException(running + " samples run: must be at least 0");
        }
        return Math.max(0, budget - votes.ended() - running);
    }
}
