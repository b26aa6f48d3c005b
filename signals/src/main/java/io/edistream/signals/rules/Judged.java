package io.edistream.signals.rules;

import io.edistream.signals.EntropyKind;
import io.edistream.signals.SequenceSignals;

/** What rules may look at of a sequence after its newest token. */
public interface Judged {

    /** Name of the model. */
    String model();

    /** Name of the route. */
    String route();

    /** Kind of its entropies. */
    EntropyKind entropyKind();

    /** The signals over its tokens, the newest one included. */
    SequenceSignals signals();

    /** Whether every entropy so far came with an upper bound; if not, how wide the bounds are is unknown. */
    boolean gapIsKnown();

    /** Share of its tokens that are missing or without entropy, 0 to 1. */
    double unmeasuredShare();
}
