package io.edistream.cli.score;

import io.edistream.signals.SequenceSignals;
import java.io.PrintWriter;
import java.util.List;

/**
 * A table: a header, then one row per sequence with a column for every signal, empty where the sequence has no score.
 * Quoted as RFC 4180 says; rows end in LF.
 */
final class CsvOutput implements ScoreOutput {

    private final List<String> names;
    private final PrintWriter out;
    private final StringBuilder row = new StringBuilder();

    /**
     * @param names of the signals, in their order
     */
    CsvOutput(List<String> names, PrintWriter out) {
        this.names = names;
        this.out = out;
    }

    @Override
    public void begin() {
        out.append("id,tokens,measured,").append(String.join(",", names)).append('\n');
    }

    @Override
    public void write(RecordedSequence sequence, SequenceSignals signals) {
        requireCharacters(sequence.idText());
        row.setLength(0);
        appendQuoted(sequence.idText());
        row.append(',').append(signals.tokens()).append(',').append(signals.measured());
        for (int i = 0; i < names.size(); i++) {
            row.append(',');
            double score = signals.score(i);
            if (!Double.isNaN(score)) {
                row.append(score);
            }
        }
        out.append(row.append('\n'));
    }

    /** JSON can name half of a character of UTF-16 by an escape; in CSV it would become a question mark. */
    private static void requireCharacters(String id) {
        boolean whole = id.codePoints()
                .noneMatch(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE);
        if (!whole) {
            throw new IllegalArgumentException(
                    "\"id\" holds half of a surrogate pair: must be text to be written as CSV");
        }
    }

    private void appendQuoted(String text) {
        boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        if (plain) {
            row.append(text);
        } else {
            row.append('"').append(text.replace("\"", "\"\"")).append('"');
        }
    }
}
