package io.edistream.cli.score;

import io.edistream.signals.SequenceSignals;
import java.io.PrintWriter;
import java.util.List;

/** One line of JSON per sequence. The id and what is kept come back as they were written. */
final class JsonOutput implements ScoreOutput {

    /** Fields that are written beside the id. */
    static final List<String> FIELDS = List.of("tokens", "measured", "signals");

    private final List<String> names;
    private final PrintWriter out;
    private final StringBuilder line = new StringBuilder();

    /**
     * @param names of the signals, in their order
     */
    JsonOutput(List<String> names, PrintWriter out) {
        this.names = names;
        this.out = out;
    }

    @Override
    public void begin() {}

    @Override
    public void write(RecordedSequence sequence, SequenceSignals signals) {
        line.setLength(0);
        line.append("{\"id\":").append(sequence.id()).append(sequence.kept());
        line.append(",\"tokens\":").append(signals.tokens());
        line.append(",\"measured\":").append(signals.measured());
        line.append(",\"signals\":{");
        String separator = "";
        for (int i = 0; i < names.size(); i++) {
            double score = signals.score(i);
            if (!Double.isNaN(score)) {
                // Java's text of a finite double is a number of JSON too.
                line.append(separator)
                        .append('"')
                        .append(names.get(i))
                        .append("\":")
                        .append(score);
                separator = ",";
            }
        }
        out.append(line.append("}}\n"));
    }
}
