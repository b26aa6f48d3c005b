package io.edistream.cli.score;

import io.edistream.signals.SequenceSignals;
import io.edistream.signals.Signal;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How well each signal tells wrong answers from right ones, over all sequences that are labelled. Beside it stand the
 * controls that can be had from the same lines: the length alone, and the same signals over prefixes of equal length.
 * Takes 200 to 400 bytes per labelled sequence.
 */
final class Summary {

    private static final List<String> EXPLANATION = List.of(
            "AUROC: how often a wrong answer looks less stable than a right one, ties counted half. Half is chance; below",
            "it, the other direction is the better one. Long answers fail more often anyway: compare each signal with the",
            "line \"tokens\", and with its prefix column, which takes the same number of tokens from each sequence that has",
            "them. \"too few\" stands where less than " + Contrast.MIN_OF_A_KIND
                    + " wrong or right answers have a value.");

    private final List<Signal> signals;
    private final int prefixTokens;
    private final Contrast lengths = new Contrast();
    private final List<Contrast> whole = new ArrayList<>();
    private final List<Contrast> prefixes = new ArrayList<>();
    private long sequences;

    /**
     * @param signals in the order of their scores
     * @param prefixTokens length of the prefixes
     */
    Summary(List<Signal> signals, int prefixTokens) {
        this.signals = signals;
        this.prefixTokens = prefixTokens;
        signals.forEach(signal -> {
            whole.add(new Contrast());
            prefixes.add(new Contrast());
        });
    }

    /** Tokens of the prefixes. */
    int prefixTokens() {
        return prefixTokens;
    }

    /**
     * Takes in a sequence.
     *
     * @param prefix scores of its first tokens, in the order of the signals; empty if it is shorter than a prefix
     */
    void add(RecordedSequence sequence, SequenceSignals scored, Optional<double[]> prefix) {
        sequences++;
        if (sequence.correct().isEmpty()) {
            return;
        }
        boolean correct = sequence.correct().get();
        lengths.add(correct, scored.tokens());
        for (int i = 0; i < signals.size(); i++) {
            whole.get(i).add(correct, towardsUnstable(i, scored.score(i)));
            if (prefix.isPresent()) {
                prefixes.get(i).add(correct, towardsUnstable(i, prefix.get()[i]));
            }
        }
    }

    private double towardsUnstable(int signal, double score) {
        return signals.get(signal).highIsUnstable() ? score : -score;
    }

    void print(PrintWriter out) {
        int labelled = lengths.wrong() + lengths.right();
        out.println(share(labelled));
        if (labelled == 0) {
            return;
        }
        out.println();
        row(out, "", "unstable", "AUROC", "wrong / right", "first " + prefixTokens, "wrong / right");
        row(out, "tokens", "high", auroc(lengths), counts(lengths), "", "");
        for (int i = 0; i < signals.size(); i++) {
            row(
                    out,
                    signals.get(i).name(),
                    signals.get(i).highIsUnstable() ? "high" : "low",
                    auroc(whole.get(i)),
                    counts(whole.get(i)),
                    auroc(prefixes.get(i)),
                    counts(prefixes.get(i)));
        }
        out.println();
        EXPLANATION.forEach(out::println);
    }

    private String share(int labelled) {
        if (labelled == 0) {
            return "sequences: " + sequences + ", none labelled by \"correct\": true or false";
        }
        return String.format(
                Locale.ROOT,
                "sequences: %d, labelled: %d, right: %d (%.1f %%)",
                sequences,
                labelled,
                lengths.right(),
                100.0 * lengths.right() / labelled);
    }

    private static void row(PrintWriter out, Object... columns) {
        out.println(String.format(Locale.ROOT, "%-26s %-8s %8s %15s %12s %15s", columns)
                .stripTrailing());
    }

    private static String counts(Contrast contrast) {
        return contrast.wrong() + " / " + contrast.right();
    }

    private static String auroc(Contrast contrast) {
        OptionalDouble auroc = contrast.auroc();
        return auroc.isPresent() ? String.format(Locale.ROOT, "%.3f", auroc.getAsDouble()) : "too few";
    }
}
