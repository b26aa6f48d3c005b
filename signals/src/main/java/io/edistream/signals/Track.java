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
        for (Accumulator accumulator : accumulators) {
            accumulator.add(window, spikes);
        }
    }

    int tokens() {
        return window.tokens();
    }

    double score(int signal) {
        return window.tokens() == 0
                ? Double.NaN
                : catalogue.evaluations().get(signal).score(window, accumulators);
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
