package io.edistream.cli.demo;

import io.edistream.schemas.Command;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.Spike;
import io.edistream.schemas.TokenEntropyBatch;

/** Is told of every record of the loop's topics, in the order of each partition, on one thread. */
interface LoopListener {

    /** A decode step of the generator. */
    void onStep(TokenEntropyBatch step);

    /** A running or final score. */
    void onScore(Score score);

    /** A burst or rebound. */
    void onSpike(Spike spike);

    /** A command of the job. */
    void onCommand(Command command);

    /** What became of a command. */
    void onOutcome(CommandOutcome outcome);

    /** An event that the job could not use. */
    void onRejected(Rejected rejected);

    /** Nothing more will come: the topics cannot be read any further. */
    void onFailure(Exception cause);
}
