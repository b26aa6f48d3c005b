package io.edistream.cli.demo;

import io.edistream.schemas.Score;
import io.edistream.signals.Scoring;
import io.edistream.signals.batch.BatchScores;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Every final score that the job published against the same score computed in batch from the recorded events. Equal
 * means equal in every bit.
 *
 * @param checked final scores compared
 * @param mismatches one sentence for each that differs
 */
record ScoreCheck(int checked, List<String> mismatches) {

    static ScoreCheck of(List<RecordedSequence> sequences, Scoring options) {
        List<String> mismatches = new ArrayList<>();
        int checked = 0;
        for (RecordedSequence sequence : sequences) {
            if (sequence.finalScore().isPresent()) {
                checked++;
                compare(sequence, sequence.finalScore().get(), options, mismatches);
            }
        }
        return new ScoreCheck(checked, List.copyOf(mismatches));
    }

    private static void compare(RecordedSequence sequence, Score published, Scoring options, List<String> mismatches) {
        Map<String, Double> expected = BatchScores.of(
                sequence.tokens(), options, sequence.start().getTokenClasses().indexOf(options.trackedClass()));
        if (published.getSignals().equals(expected)) {
            return;
        }
        for (String signal : new TreeSet<>(expected.keySet())) {
            Double wrong = published.getSignals().get(signal);
            if (!expected.get(signal).equals(wrong)) {
                mismatches.add("sequence " + sequence.start().getSequence() + ": " + signal + " was published as "
                        + wrong + ", computed in batch it is " + expected.get(signal));
                return;
            }
        }
        mismatches.add("sequence " + sequence.start().getSequence() + ": signals were published that have no value");
    }
}
