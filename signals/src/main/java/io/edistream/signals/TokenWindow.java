package io.edistream.signals;

import java.io.IOException;

/**
 * The newest tokens of one sequence, shared by all signals that look back. Ring buffers: constant memory, no copying.
 */
public final class TokenWindow {

    private final Ring entropies;
    private final Ring confidences;
    private int tokens;
    private double logprob = Token.UNMEASURED;

    /**
     * @param entropyLookback tokens before the newest whose entropies are kept
     * @param confidenceLookback tokens before the newest whose confidences are kept
     */
    TokenWindow(int entropyLookback, int confidenceLookback) {
        this.entropies = new Ring(entropyLookback + 1);
        this.confidences = new Ring(confidenceLookback + 1);
    }

    void push(Token token) {
        tokens++;
        entropies.set(tokens, 0, token.entropyNats());
        confidences.set(tokens, 0, token.confidence());
        logprob = token.logprob();
    }

    /** Tokens of the sequence so far, the newest included. */
    public int tokens() {
        return tokens;
    }

    /** Natural log-probability of the newest token, {@link Token#UNMEASURED} if unknown. */
    public double logprob() {
        return logprob;
    }

    /** Entropy in nats of the token {@code back} before the newest one; 0 is the newest. */
    public double entropy(int back) {
        return entropies.get(tokens, back);
    }

    /** Confidence in nats of the token {@code back} before the newest one; 0 is the newest. */
    public double confidence(int back) {
        return confidences.get(tokens, back);
    }

    /** Mean entropy in nats of the newest {@code length} tokens, oldest first; of all of them if there are fewer. */
    public double meanEntropy(int length) {
        return entropies.mean(tokens, length);
    }

    /** Mean confidence in nats of the newest {@code length} tokens, oldest first; of all of them if there are fewer. */
    public double meanConfidence(int length) {
        return confidences.mean(tokens, length);
    }

    void write(StateOutput out) throws IOException {
        out.writeCount(tokens);
        entropies.write(tokens, out);
        confidences.write(tokens, out);
    }

    void read(StateInput in) throws IOException {
        tokens = in.readCount();
        entropies.read(tokens, in);
        confidences.read(tokens, in);
    }

    /** The newest values of one measurement. The number of tokens so far says where the newest one is. */
    private static final class Ring {
        private final double[] values;

        Ring(int capacity) {
            this.values = new double[capacity];
        }

        double get(int tokens, int back) {
            return values[(tokens - 1 - back) % values.length];
        }

        void set(int tokens, int back, double value) {
            values[(tokens - 1 - back) % values.length] = value;
        }

        double mean(int tokens, int length) {
            int count = Math.min(length, tokens);
            double sum = 0;
            for (int back = count - 1; back >= 0; back--) {
                sum += get(tokens, back);
            }
            return sum / count;
        }

        void write(int tokens, StateOutput out) throws IOException {
            for (int back = Math.min(tokens, values.length) - 1; back >= 0; back--) {
                out.writeFloat(get(tokens, back));
            }
        }

        void read(int tokens, StateInput in) throws IOException {
            for (int back = Math.min(tokens, values.length) - 1; back >= 0; back--) {
                set(tokens, back, in.readFloat());
            }
        }
    }
}
