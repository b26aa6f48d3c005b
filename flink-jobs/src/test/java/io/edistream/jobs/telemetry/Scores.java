package io.edistream.jobs.telemetry;

import io.edistream.schemas.Distribution;
import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Ids;
import io.edistream.schemas.Measurement;
import io.edistream.schemas.Score;
import io.edistream.schemas.ScoringId;
import io.edistream.schemas.Signals;
import java.util.List;

/** Scores to be written. */
final class Scores {

    static final long GENERATOR = 7;

    private Scores() {}

    static Score last(long sequence) {
        Score score = running(sequence);
        score.setFinal$(true);
        return score;
    }

    static Score running(long sequence) {
        Score score = new Score();
        score.setSequence(Ids.sequenceId(GENERATOR, sequence));
        score.setModel("m");
        score.setRoute("r");
        score.setEntropyKind(new EntropyKind(Distribution.RAW, Measurement.EXACT, 0));
        score.setScoring(new ScoringId(new byte[8]));
        score.setFinishReason(FinishReason.UNKNOWN);
        score.setCutBy(List.of());
        score.setSignals(new Signals());
        score.setClassSignals(List.of());
        return score;
    }
}
