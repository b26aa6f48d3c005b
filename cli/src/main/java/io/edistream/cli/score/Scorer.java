package io.edistream.cli.score;

import io.edistream.cli.ByteLines;
import io.edistream.cli.InputText;
import io.edistream.cli.UnusableInputException;
import io.edistream.signals.Catalogue;
import io.edistream.signals.SequenceSignals;
import io.edistream.signals.SpikeListener;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Scores inputs line by line. What cannot be used is named, and costs nothing but itself. */
final class Scorer {

    private final Catalogue catalogue;
    private final LineParser parser;
    private final ScoreOutput output;
    private final @Nullable Summary summary;
    private final PrintWriter err;
    private final int maxLineBytes;
    private boolean allGood = true;

    /**
     * @param maxLineBytes longer lines are bad
     */
    Scorer(
            Catalogue catalogue,
            LineParser parser,
            ScoreOutput output,
            Optional<Summary> summary,
            PrintWriter err,
            int maxLineBytes) {
        this.catalogue = catalogue;
        this.parser = parser;
        this.output = output;
        this.summary = summary.orElse(null);
        this.err = err;
        this.maxLineBytes = maxLineBytes;
    }

    /** Whether every line of every input was scored. */
    boolean allGood() {
        return allGood;
    }

    /**
     * Scores the lines of one input.
     *
     * @param name what the input is called in messages
     * @param ofSeveral whether a line must be named together with its input
     */
    void score(InputStream in, String name, boolean ofSeveral) {
        long line = 0;
        try {
            ByteLines lines = new ByteLines(InputText.of(in), maxLineBytes);
            while (lines.next()) {
                line = lines.number();
                try {
                    score(lines);
                } catch (IllegalArgumentException e) {
                    complain((ofSeveral ? name + ":" : "line ") + line + ": " + e.getMessage());
                }
            }
        } catch (UnusableInputException e) {
            complain(name + ": " + e.getMessage());
        } catch (IOException e) {
            complain(name + ": cannot be read behind line " + line + ": " + e.getMessage()
                    + "; what could be read was scored");
        }
    }

    private void complain(String message) {
        err.println(message);
        allGood = false;
    }

    private void score(ByteLines line) {
        if (line.tooLong()) {
            throw new IllegalArgumentException("too long: must have at most " + maxLineBytes + " bytes");
        }
        Optional<RecordedSequence> sequence = parser.parse(line.bytes(), line.from(), line.to());
        sequence.ifPresent(this::score);
    }

    private void score(RecordedSequence sequence) {
        SequenceSignals signals = catalogue.start(Catalogue.NO_CLASS);
        Optional<double[]> prefix = Optional.empty();
        for (int i = 0; i < sequence.tokens(); i++) {
            signals.add(sequence.token(i), SpikeListener.NONE);
            if (summary != null && i + 1 == summary.prefixTokens()) {
                prefix = Optional.of(scores(signals));
            }
        }
        output.write(sequence, signals);
        if (summary != null) {
            summary.add(sequence, signals, prefix);
        }
    }

    private double[] scores(SequenceSignals signals) {
        double[] scores = new double[catalogue.names().size()];
        for (int i = 0; i < scores.length; i++) {
            scores[i] = signals.score(i);
        }
        return scores;
    }
}
