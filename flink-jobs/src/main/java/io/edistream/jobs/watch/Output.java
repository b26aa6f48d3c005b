package io.edistream.jobs.watch;

import io.edistream.schemas.Command;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.Spike;

/** Where the records go that watching leads to. */
public interface Output {

    /** A command to a source of tokens. */
    void command(Command command);

    /** A running or final score. */
    void score(Score score);

    /** A burst or rebound. */
    void spike(Spike spike);

    /** Something that could not be used. */
    void rejected(Rejected rejected);
}
