package io.edistream.jobs;

import io.edistream.schemas.Score;
import io.edistream.schemas.Signals;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;

/** The values of a score by the names that the catalogue gives them. */
public final class ScoreValues {

    private ScoreValues() {}

    public static Map<String, Double> of(Score score) {
        Map<String, Double> values = new TreeMap<>();
        put(values, "", score.getSignals());
        score.getClassSignals().forEach(own -> put(values, "class_" + own.getTokenClass() + ".", own.getSignals()));
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
