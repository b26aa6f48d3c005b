package io.edistream.signals;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The signals of one sequence: over all its tokens and, if the catalogue tracks a class, over the tokens of that class.
 * Mutable and used by one thread; its size does not depend on the number of tokens.
 */
public final class SequenceSignals {

    private final Catalogue catalogue;
    private final Track all;
    private final Optional<Track> ofClass;

    SequenceSignals(Catalogue catalogue) {
        this.catalogue = catalogue;
        this.all = new Track(catalogue);
        this.ofClass = catalogue.options().trackedClass() > 0 ? Optional.of(new Track(catalogue)) : Optional.empty();
    }

    /** The catalogue that names the scores. */
    public Catalogue catalogue() {
        return catalogue;
    }

    /**
     * Takes in the next token.
     *
     * @param spikes told of a burst or rebound that the token makes among all tokens
     */
    public void add(Token token, SpikeListener spikes) {
        all.add(token, spikes);
        if (token.tokenClass() == catalogue.options().trackedClass()) {
            ofClass.ifPresent(track -> track.add(token, SpikeListener.NONE));
        }
    }

    /** Tokens taken in. */
    public int tokens() {
        return all.tokens();
    }

    /**
     * One score.
     *
     * @param index position in {@link Catalogue#names()}
     * @return {@link Double#NaN} if it has no value: no token yet, a measurement that its tokens lack, or a signal that
     *     the release which started the sequence did not have
     */
    public double score(int index) {
        int signals = catalogue.signals().size();
        return index < signals
                ? all.score(index)
                : ofClass.map(track -> track.score(index - signals)).orElse(Double.NaN);
    }

    /** Every score that has a value, by name, in the order of {@link Catalogue#names()}. */
    public Map<String, Double> scores() {
        List<String> names = catalogue.names();
        Map<String, Double> scores = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            double score = score(i);
            if (!Double.isNaN(score)) {
                scores.put(names.get(i), score);
            }
        }
        return scores;
    }

    /** Writes the state; its reader must have a catalogue of the same options and layout. */
    public void write(StateOutput out) throws IOException {
        all.write(out);
        if (ofClass.isPresent()) {
            ofClass.get().write(out);
        }
    }

    /** Reads what {@link #write} wrote into a sequence that was just started. */
    public void read(StateInput in) throws IOException {
        all.read(in);
        if (ofClass.isPresent()) {
            ofClass.get().read(in);
        }
    }
}
