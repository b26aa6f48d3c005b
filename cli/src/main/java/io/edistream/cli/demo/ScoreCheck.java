package io.edistream.cli.demo;

import io.edistream.schemas.ClassSignals;
import io.edistream.schemas.Score;
import io.edistream.schemas.Signals;
import io.edistream.signals.Scoring;
import io.edistream.signals.batch.BatchScores;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.avro.Schema;

/**
 * Every final score that the job published against the same score computed in batch from the recorded events. Equal
 * means equal in every bit, and the same tokens counted as arrived, unmeasured and missing.
 *
 * @param checked final scores compared
 * @param mismatches one sentence for each that differs
 */
record ScoreCheck(int checked, List<String> mismatches) {

    static ScoreCheck of(List<RecordedSequence> sequences, Scoring scoring) {
        List<String> mismatches = new ArrayList<>();
        int checked = 0;
        for (RecordedSequence sequence : sequences) {
            if (sequence.finalScore().isPresent()) {
                checked++;
                compare(sequence, sequence.finalScore().get(), scoring, mismatches);
            }
        }
        return new ScoreCheck(checked, List.copyOf(mismatches));
    }

    private static void compare(RecordedSequence sequence, Score published, Scoring scoring, List<String> mismatches) {
        Map<String, Double> expected = BatchScores.of(
                sequence.tokens(), scoring, sequence.start().getTokenClasses().indexOf(scoring.trackedClass()));
        expected.put("tokens", (double) sequence.tokens().size());
        expected.put("unmeasured", (double) sequence.unmeasured());
        expected.put("missing", (double) sequence.missing());
        Map<String, Double> values = values(published);
        if (values.equals(expected)) {
            return;
        }
        for (String name : new TreeSet<>(expected.keySet())) {
            if (!expected.get(name).equals(values.get(name))) {
                mismatches.add("sequence " + sequence.start().getSequence() + ": " + name + " was published as "
                        + values.get(name) + ", computed in batch it is " + expected.get(name));
                return;
            }
        }
        mismatches.add("sequence " + sequence.start().getSequence() + ": signals were published that have no value");
    }

    /** Everything that was published as a number, by the names of the signals and of the fields. */
    private static Map<String, Double> values(Score score) {
        Map<String, Double> values = new LinkedHashMap<>();
        put(values, "", score.getSignals());
        for (ClassSignals ofClass : score.getClassSignals()) {
            put(values, "class_" + ofClass.getTokenClass() + ".", ofClass.getSignals());
        }
        values.put("tokens", (double) score.getTokens());
        values.put("unmeasured", (double) score.getUnmeasured());
        values.put("missing", (double) score.getMissing());
        return values;
    }

    private static void put(Map<String, Double> values, String prefix, Signals signals) {
        for (Schema.Field field : signals.getSchema().getFields()) {
            if (signals.get(field.pos()) instanceof Number value) {
                values.put(prefix + field.name(), value.doubleValue());
            }
        }
    }
}
