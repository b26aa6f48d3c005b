package io.edistream.cli.demo;

import io.edistream.schemas.Command;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.Spike;
import io.edistream.schemas.TokenEntropyBatch;

/** Tells two listeners, one after the other. */
record BothListeners(LoopListener first, LoopListener second) implements LoopListener {

    @Override
    public void onStep(TokenEntropyBatch step) {
        first.onStep(step);
        second.onStep(step);
    }

    @Override
    public void onScore(Score score) {
        first.onScore(score);
        second.onScore(score);
    }

    @Override
    public void onSpike(Spike spike) {
        first.onSpike(spike);
        second.onSpike(spike);
    }

    @Override
    public void onCommand(Command command) {
        first.onCommand(command);
        second.onCommand(command);
    }

    @Override
    public void onOutcome(CommandOutcome outcome) {
        first.onOutcome(outcome);
        second.onOutcome(outcome);
    }

    @Override
    public void onRejected(Rejected rejected) {
        first.onRejected(rejected);
        second.onRejected(rejected);
    }
}
