package io.edistream.jobs.watch;

import io.edistream.schemas.Command;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.Spike;
import java.util.ArrayList;
import java.util.List;

/** Keeps what is put out. */
final class Told implements Output {

    final List<Command> commands = new ArrayList<>();
    final List<Score> scores = new ArrayList<>();
    final List<Spike> spikes = new ArrayList<>();
    final List<Rejected> rejected = new ArrayList<>();

    @Override
    public void command(Command command) {
        commands.add(command);
    }

    @Override
    public void score(Score score) {
        scores.add(score);
    }

    @Override
    public void spike(Spike spike) {
        spikes.add(spike);
    }

    @Override
    public void rejected(Rejected record) {
        rejected.add(record);
    }
}
