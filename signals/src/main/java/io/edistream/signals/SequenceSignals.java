package io.edistream.signals;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The signals of one sequence: over all its tokens and, if the catalogue tracks a class that the sequence has, over the
 * tokens of that class. Mutable and used by one thread; its size does not depend on the number of tokens.
 */
public final class SequenceSignals {

    private final Catalogue catalogue;
    private final int trackedClass;
    private final Track all;
    private final @Nullable Track ofClass;

    SequenceSignals(Catalogue catalogue, int trackedClass) {
        this.catalogue = catalogue;
        this.trackedClass = trackedClass;
        this.all = new Track(catalogue);
        this.ofClass = trackedClass == Catalogue.NO_CLASS ? null : new Track(catalogue);
    }

    /** The catalogue that names the scores. */
    public Catalogue catalogue() {
        return catalogue;
    }

    /**
     * Takes in the next token. One without an entropy leaves all signals of the entropies as they are, one without a
     * confidence those of the confidences.
     *
     * @param spikes told of a burst or rebound that the token makes among all tokens
     */
    public void add(Token token, SpikeListener spikes) {
        all.add(token, spikes);
        if (ofClass != null && token.tokenClass() == trackedClass) {
            ofClass.add(token, SpikeListener.NONE);
        }
    }

    /** Whether the sequence has the class that the catalogue tracks. */
    public boolean hasClass() {
        return ofClass != null;
    }

    /** Tokens taken in, measured or not. */
    public int tokens() {
        return all.tokens();
    }

    /** Tokens taken in that have an entropy. */
    public int measured() {
        return all.entropies();
    }

    /** Tokens taken in that have no entropy. */
    public int unmeasured() {
        return tokens() - measured();
    }

    /**
     * One score.
     *
     * @param index position in {@link Catalogue#names()}
     * @return a finite number, or {@link Double#NaN} if it has no value: nothing was measured that it needs, the
     *     sequence lacks the class, or the value has left the range of numbers
     */
    public double score(int index) {
        int signals = catalogue.signals().size();
        if (index < signals) {
            return all.score(index);
        }
        return ofClass == null ? Double.NaN : ofClass.score(index - signals);
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

    /** Writes the state; {@link Catalogue#restore} of a catalogue of the same scoring reads it. */
    public void write(StateOutput out) throws IOException {
        if (catalogue.scoring().tracksClass()) {
            out.writeCount(trackedClass + 1);
        }
        all.write(out);
        if (ofClass != null) {
            ofClass.write(out);
        }
    }

    static SequenceSignals read(Catalogue catalogue, StateInput in) throws IOException {
        int trackedClass = catalogue.scoring().tracksClass() ? in.readCount() - 1 : Catalogue.NO_CLASS;
        if (trackedClass > Token.MAX_CLASS) {
            throw new IOException("stored state is damaged: token class " + trackedClass);
        }
        SequenceSignals signals = new SequenceSignals(catalogue, trackedClass);
        signals.all.read(in);
        if (signals.ofClass != null) {
            signals.ofClass.read(in);
        }
        return signals;
    }
}
