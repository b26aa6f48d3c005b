package io.edistream.signals.monitor;

import io.edistream.signals.SpikeListener;
import io.edistream.signals.rules.Decision;

/** Is told what a token leads to, as it arrives. */
public interface MonitorListener {

    /** A burst or rebound ends at the token. */
    void onSpike(int token, SpikeListener.Kind kind, double entropyNats, double baselineNats, double thresholdNats);

    /** A rule wants something done. */
    void onDecision(Decision decision);
}
