package io.edistream.signals;

/** Is told of every burst and rebound as its last token arrives. */
@FunctionalInterface
public interface SpikeListener {

    /** Listens to nothing. */
    SpikeListener NONE = (kind, entropyNats, baselineNats, thresholdNats) -> {};

    /** Kind of rise. */
    enum Kind {
        /** A rise over a window of tokens. */
        BURST,
        /** A rise over the smallest entropy so far. */
        REBOUND
    }

    /**
     * The newest token ends a rise.
     *
     * @param entropyNats the token's entropy
     * @param baselineNats the entropy that it rose from
     * @param thresholdNats the limit that the rise exceeded
     */
    void onSpike(Kind kind, double entropyNats, double baselineNats, double thresholdNats);
}
