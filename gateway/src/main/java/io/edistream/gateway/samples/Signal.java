package io.edistream.gateway.samples;

import io.edistream.signals.Catalogue;
import io.edistream.signals.Scoring;

/**
 * A signal that says how good a sample is beside others of the same prompt.
 *
 * @param name of the catalogue
 * @param index its place in the catalogue
 * @param highIsBad whether the lowest score is the best one
 */
public record Signal(String name, int index, boolean highIsBad) {

    /** Where a client names none: it does not grow with the length of a text. */
    static final String USUAL = "mean_entropy";

    static final Catalogue CATALOGUE = new Catalogue(Scoring.DEFAULT);

    /**
     * The signal of a name.
     *
     * @throws IllegalArgumentException if there is none; the message lists those there are
     */
    static Signal of(String name) {
        int index = CATALOGUE.indexOf(name);
        return new Signal(name, index, CATALOGUE.signals().get(index).highIsUnstable());
    }

    /** How bad a sample with a score is, the higher the worse; NaN for NaN. */
    public double badness(double score) {
        return highIsBad ? score : -score;
    }
}
