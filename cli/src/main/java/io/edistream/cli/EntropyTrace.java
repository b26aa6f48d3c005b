package io.edistream.cli;

import io.edistream.schemas.Spike;
import io.edistream.schemas.SpikeKind;
import io.edistream.signals.Token;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/**
 * The entropies of a sequence as a line of bars, each bar the largest entropy of its share of the tokens.
 *
 * @param width characters, at least 1
 */
public record EntropyTrace(int width) {

    private static final String BARS = "▁▂▃▄▅▆▇█";

    /** Entropies from here on have the highest bar. */
    private static final double FULL_SCALE_NATS = 2;

    /** The bars; fewer than the width if there are fewer tokens. */
    public String bars(List<Token> tokens) {
        return bars(
                tokens.size(), i -> tokens.get(i).hasEntropy() ? tokens.get(i).entropyNats() : Double.NaN);
    }

    /**
     * The bars of so many tokens.
     *
     * @param entropyNats the entropy of each, by its place from 0; NaN where it was not measured
     */
    public String bars(int tokens, IntToDoubleFunction entropyNats) {
        int columns = columns(tokens);
        double[] largest = new double[columns];
        for (int i = 0; i < tokens; i++) {
            double entropy = entropyNats.applyAsDouble(i);
            if (!Double.isNaN(entropy)) {
                int column = column(i, tokens);
                largest[column] = Math.max(largest[column], entropy);
            }
        }
        StringBuilder bars = new StringBuilder();
        for (double entropy : largest) {
            int level = (int) (entropy / FULL_SCALE_NATS * BARS.length());
            bars.append(BARS.charAt(Math.min(level, BARS.length() - 1)));
        }
        return bars.toString();
    }

    /** A line to stand below the bars: b for a burst, r for a rebound, * for both, in the column of its token. */
    public String marks(int tokens, List<Spike> spikes) {
        StringBuilder marks = new StringBuilder(" ".repeat(columns(tokens)));
        for (Spike spike : spikes) {
            int column = column(Math.min(spike.getToken(), tokens - 1), tokens);
            char own = spike.getKind() == SpikeKind.BURST ? 'b' : 'r';
            char there = marks.charAt(column);
            marks.setCharAt(column, there == ' ' || there == own ? own : '*');
        }
        return marks.toString().stripTrailing();
    }

    private int columns(int tokens) {
        return Math.min(tokens, width);
    }

    private int column(int token, int tokens) {
        return (int) ((long) token * columns(tokens) / tokens);
    }
}
