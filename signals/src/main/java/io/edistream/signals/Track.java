package io.edistream.signals;

import java.io.IOException;

/** All signals of a catalogue over one series of tokens: a whole sequence, or its tokens of one class. */
final class Track {

    private final Catalogue catalogue;
    private final TokenWindow window;
    private final Accumulator[] accumulators;

    Track(Catalogue catalogue) {
        this.catalogue = catalogue;
        this.window = new TokenWindow(catalogue.entropyLookback(), catalogue.confidenceLookback());
        this.accumulators = catalogue.newAccumulators();
    }

    void add(Token token, SpikeListener spikes) {
        window.push(token);
        if (token.hasEntropy()) {
            add(0, catalogue.firstOfConfidence(), spikes);
        }
        if (token.hasConfidence()) {
            add(catalogue.firstOfConfidence(), catalogue.firstOfAny(), spikes);
        }
        add(catalogue.firstOfAny(), accumulators.length, spikes);
    }

    private void add(int first, int end, SpikeListener spikes) {
        for (int i = first; i < end; i++) {
            accumulators[i].add(window, spikes);
        }
    }

    int tokens() {
        return window.tokens();
    }

    int entropies() {
        return window.entropies();
    }

    /** Finite, or NaN. */
    double score(int signal) {
        double score = catalogue.evaluations().get(signal).score(window, accumulators);
        return Double.isFinite(score) ? score : Double.NaN;
    }

    void write(StateOutput out) throws IOException {
        window.write(out);
        for (Accumulator accumulator : accumulators) {
            accumulator.write(out);
        }
    }

    void read(StateInput in) throws IOException {
        window.read(in);
        for (Accumulator accumulator : accumulators) {
            accumulator.read(in);
        }
    }
}
