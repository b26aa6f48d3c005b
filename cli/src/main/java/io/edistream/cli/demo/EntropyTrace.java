package io.edistream.cli.demo;

import io.edistream.schemas.Spike;
import io.edistream.schemas.SpikeKind;
import io.edistream.signals.Token;
import java.util.List;

/**
 * The entropies of a sequence as a line of bars, each bar the largest entropy of its share of the tokens.
 *
 * @param width characters, at least 1
 */
record EntropyTrace(int width) {

    private static final String BARS = "▁▂▃▄▅▆▇█";

    /** Entropies from here on have the highest bar. */
    private static final double FULL_SCALE_NATS = 2;

    /** The bars; fewer than the width if there are fewer tokens. */
    String bars(List<Token> tokens) {
        int columns = columns(tokens.size());
        double[] largest = new double[columns];
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.get(i).hasEntropy()) {
                int column = column(i, tokens.size());
                largest[column] = Math.max(largest[column], tokens.get(i).entropyNats());
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
    String marks(int tokens, List<Spike> spikes) {
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
