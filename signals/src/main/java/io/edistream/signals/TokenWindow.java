package io.edistream.signals;

import java.io.IOException;

/**
 * The newest measurements of one sequence, shared by all signals that look back. Entropies and confidences are counted
 * apart, since a token may have one without the other. Ring buffers: constant memory, no copying.
 */
public final class TokenWindow {

    private final Ring entropies;
    private final Ring confidences;
    private int tokens;
    private boolean newestHasEntropy;
    private double logprob = Token.UNMEASURED;
    private double gap = Token.UNMEASURED;

    /**
     * @param entropyLookback entropies before the newest that are kept
     * @param confidenceLookback confidences before the newest that are kept
     */
    TokenWindow(int entropyLookback, int confidenceLookback) {
        this.entropies = new Ring(entropyLookback + 1);
        this.confidences = new Ring(confidenceLookback + 1);
    }

    void push(Token token) {
        tokens++;
        newestHasEntropy = token.hasEntropy();
        if (newestHasEntropy) {
            entropies.push(token.entropyNats());
        }
        if (token.hasConfidence()) {
            confidences.push(token.confidence());
        }
        logprob = token.logprob();
        gap = token.upperNats() - token.entropyNats();
    }

    /** Tokens of the sequence so far, measured or not, the newest included. */
    public int tokens() {
        return tokens;
    }

    /** Tokens with an entropy so far. */
    public int entropies() {
        return entropies.count;
    }

    /** Tokens with a confidence so far. */
    public int confidences() {
        return confidences.count;
    }

    /** Whether the newest token has an entropy. */
    boolean newestHasEntropy() {
        return newestHasEntropy;
    }

    /** Natural log-probability of the newest token, {@link Token#UNMEASURED} if unknown. */
    public double logprob() {
        return logprob;
    }

    /** Upper minus lower bound of the newest token's entropy, nats, {@link Token#UNMEASURED} if one is unknown. */
    public double gap() {
        return gap;
    }

    /** The entropy in nats that was measured {@code back} entropies before the newest one; 0 is the newest. */
    public double entropy(int back) {
        return entropies.get(back);
    }

    /** The confidence in nats that was measured {@code back} confidences before the newest one; 0 is the newest. */
    public double confidence(int back) {
        return confidences.get(back);
    }

    /** Mean in nats of the newest {@code length} entropies, oldest first; of all of them if there are fewer. */
    public double meanEntropy(int length) {
        return entropies.mean(length);
    }

    /** Mean in nats of the newest {@code length} confidences, oldest first; of all of them if there are fewer. */
    public double meanConfidence(int length) {
        return confidences.mean(length);
    }

    void write(StateOutput out) throws IOException {
        out.writeCount(tokens);
        entropies.write(tokens, out);
        confidences.write(tokens, out);
    }

    /** The newest token's own values are not stored: nobody reads them before the next one comes. */
    void read(StateInput in) throws IOException {
        tokens = in.readCount();
        entropies.read(tokens, in);
        confidences.read(tokens, in);
    }

    /** The newest values of one measurement, and how many there were. */
    private static final class Ring {
        private final double[] values;
        private int count;

        Ring(int capacity) {
            this.values = new double[capacity];
        }

        double get(int back) {
            return values[(count - 1 - back) % values.length];
        }

        void push(double value) {
            values[count % values.length] = value;
            count++;
        }

        double mean(int length) {
            int summed = Math.min(length, count);
            double sum = 0;
            // The place is counted up, since a division for each would take most of a token's time.
            int place = (count - summed) % values.length;
            for (int i = 0; i < summed; i++) {
                sum += values[place];
                place++;
                if (place == values.length) {
                    place = 0;
                }
            }
            return sum / summed;
        }

        /** The count as its distance from that of the tokens, which is mostly 0 and so takes one byte. */
        void write(int tokens, StateOutput out) throws IOException {
            out.writeCount(tokens - count);
            for (int back = Math.min(count, values.length) - 1; back >= 0; back--) {
                out.writeFloat(get(back));
            }
        }

        void read(int tokens, StateInput in) throws IOException {
            int stored = tokens - in.readCount();
            if (stored < 0) {
                throw new IOException("stored state is damaged: more unmeasured tokens than tokens");
            }
            int kept = Math.min(stored, values.length);
            count = stored - kept;
            for (int i = 0; i < kept; i++) {
                push(in.readFloat());
            }
        }
    }
}
