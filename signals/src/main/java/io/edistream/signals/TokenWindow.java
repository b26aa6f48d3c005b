package io.edistream.signals;

import java.io.IOException;
import java.util.Arrays;

/**
 * The newest tokens of one sequence, shared by all signals that look back. Ring buffers: constant memory, no copying.
 */
public final class TokenWindow {

    private final double[] entropies;
    private final double[] confidences;
    private int tokens;
    private double logprob = Token.UNMEASURED;

    /**
     * @param entropyLookback tokens before the newest whose entropies are kept
     * @param confidenceLookback tokens before the newest whose confidences are kept
     */
    TokenWindow(int entropyLookback, int confidenceLookback) {
        this.entropies = new double[entropyLookback + 1];
        this.confidences = new double[confidenceLookback + 1];
        Arrays.fill(confidences, Token.UNMEASURED);
    }

    void push(Token token) {
        entropies[tokens % entropies.length] = token.entropyNats();
        confidences[tokens % confidences.length] = token.confidence();
        logprob = token.logprob();
        tokens++;
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
        return entropies[(tokens - 1 - back) % entropies.length];
    }

    /** Confidence in nats of the token {@code back} before the newest one; 0 is the newest. */
    public double confidence(int back) {
        return confidences[(tokens - 1 - back) % confidences.length];
    }

    /** Mean entropy in nats of the newest {@code length} tokens, oldest first; of all of them if there are fewer. */
    public double meanEntropy(int length) {
        int count = Math.min(length, tokens);
        double sum = 0;
        for (int back = count - 1; back >= 0; back--) {
            sum += entropy(back);
        }
        return sum / count;
    }

    /** Mean confidence in nats of the newest {@code length} tokens, oldest first; of all of them if there are fewer. */
    public double meanConfidence(int length) {
        int count = Math.min(length, tokens);
        double sum = 0;
        for (int back = count - 1; back >= 0; back--) {
            sum += confidence(back);
        }
        return sum / count;
    }

    void write(StateOutput out) throws IOException {
        out.writeCount(tokens);
        for (int back = Math.min(tokens, entropies.length) - 1; back >= 0; back--) {
            out.writeFloat(entropy(back));
        }
        for (int back = Math.min(tokens, confidences.length) - 1; back >= 0; back--) {
            out.writeFloat(confidence(back));
        }
    }

    void read(StateInput in) throws IOException {
        tokens = in.readCount();
        for (int back = Math.min(tokens, entropies.length) - 1; back >= 0; back--) {
            entropies[(tokens - 1 - back) % entropies.length] = in.readFloat();
        }
        for (int back = Math.min(tokens, confidences.length) - 1; back >= 0; back--) {
            confidences[(tokens - 1 - back) % confidences.length] = in.readFloat();
        }
    }
}
