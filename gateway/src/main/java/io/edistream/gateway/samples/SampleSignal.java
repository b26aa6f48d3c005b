package io.edistream.gateway.samples;

import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.TokenStats;
import io.edistream.signals.Catalogue;
import io.edistream.signals.SequenceSignals;
import io.edistream.signals.SpikeListener;
import io.edistream.signals.Token;
import java.util.List;

/** The signal of one sample over its tokens so far. Used by one thread. */
public final class SampleSignal {

    private final Signal signal;
    private final SequenceSignals signals = Signal.CATALOGUE.start(Catalogue.NO_CLASS);

    /** Of a sample without tokens. */
    public SampleSignal(Signal signal) {
        this.signal = signal;
    }

    /** Takes in more tokens. */
    public void add(List<DecodedToken> tokens) {
        for (DecodedToken token : tokens) {
            signals.add(measured(token.stats()), SpikeListener.NONE);
        }
    }

    /** Its score; NaN if nothing was measured that it needs. */
    public double score() {
        return signals.score(signal.index());
    }

    /** What no distribution can have was not measured. */
    private static Token measured(TokenStats stats) {
        double entropy = stats.entropyNats();
        double upper = stats.upperBoundNats();
        boolean known = !Double.isNaN(entropy) && Token.isPossibleEntropy(entropy);
        return new Token(
                known ? entropy : Token.UNMEASURED,
                known && Token.isPossibleUpper(upper, entropy) ? upper : Token.UNMEASURED,
                Token.isPossibleLogprob(stats.logProbability()) ? stats.logProbability() : Token.UNMEASURED,
                Token.isPossibleConfidence(stats.confidence()) ? stats.confidence() : Token.UNMEASURED,
                0);
    }
}
