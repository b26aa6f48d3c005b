package io.edistream.jobs.watch;

import io.edistream.schemas.Command;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.Spike;
import java.util.EnumMap;
import java.util.Map;

/** Counts for tests. */
final class Tally implements Counts {

    long tokens;
    long unmeasured;
    long missingTokens;
    long repeatedTokens;
    long missingRecords;
    long started;
    long finished;
    long abandoned;
    long closedByClock;
    long spikes;
    long commands;
    long runningScores;
    long finalScores;
    long lateLabels;
    final Map<RejectReason, Long> rejected = new EnumMap<>(RejectReason.class);

    long rejected() {
        return rejected.values().stream().mapToLong(Long::longValue).sum();
    }

    @Override
    public void tokens(int count) {
        tokens += count;
    }

    @Override
    public void unmeasured(int count) {
        unmeasured += count;
    }

    @Override
    public void missingTokens(int count) {
        missingTokens += count;
    }

    @Override
    public void repeatedTokens(int count) {
        repeatedTokens += count;
    }

    @Override
    public void missingRecords(long count) {
        missingRecords += count;
    }

    @Override
    public void started() {
        started++;
    }

    @Override
    public void finished() {
        finished++;
    }

    @Override
    public void abandoned(boolean byClock) {
        if (byClock) {
            closedByClock++;
        } else {
            abandoned++;
        }
    }

    @Override
    public void rejected(RejectReason reason) {
        rejected.merge(reason, 1L, Long::sum);
    }

    @Override
    public void spike(Spike spike) {
        spikes++;
    }

    @Override
    public void command(Command command) {
        commands++;
    }

    @Override
    public void score(boolean last) {
        if (last) {
            finalScores++;
        } else {
            runningScores++;
        }
    }

    @Override
    public void lateLabel() {
        lateLabels++;
    }
}
