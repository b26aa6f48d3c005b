package io.edistream.benchmarks.reaction;

import io.edistream.generator.decode.Drawn;
import io.edistream.generator.decode.LanguageModel;
import io.edistream.generator.decode.ModelInfo;
import io.edistream.generator.decode.StepRow;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** A small model at the pace of a large one: one decode step per interval, as long as the small one is faster than that. */
final class PacedModel implements LanguageModel {

    private final LanguageModel model;
    private final long intervalNanos;
    private long nextNanos = System.nanoTime();

    PacedModel(LanguageModel model, double stepsPerSecond) {
        this.model = model;
        this.intervalNanos = (long) (1e9 / stepsPerSecond);
    }

    @Override
    public ModelInfo info() {
        return model.info();
    }

    @Override
    public List<Drawn> step(List<StepRow> rows) {
        List<Drawn> drawn = model.step(rows);
        boolean decodes = rows.stream().allMatch(row -> row.tokens().size() == 1);
        if (decodes) {
            nextNanos = Math.max(nextNanos + intervalNanos, System.nanoTime());
            for (long left = nextNanos - System.nanoTime(); left > 0; left = nextNanos - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
        }
        return drawn;
    }

    @Override
    public long workingBytes(int rows, int tokens, int blocks) {
        return model.workingBytes(rows, tokens, blocks);
    }

    @Override
    public void copyBlock(int source, int destination) {
        model.copyBlock(source, destination);
    }

    @Override
    public void close() {
        model.close();
    }
}
