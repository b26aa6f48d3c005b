package io.edistream.signals.rules;

import io.edistream.signals.SequenceSignals;
import java.util.Optional;

/** Decides after every token whether a command should be sent. Pure: the same tokens give the same decisions. */
@FunctionalInterface
public interface Trigger {

    /** Never fires. */
    Trigger NEVER = (signals, newestEntropyNats, token) -> Optional.empty();

    /**
     * What to do after the newest token, if anything.
     *
     * @param signals the sequence's signals, the newest token included; of the catalogue that the trigger was made for
     * @param newestEntropyNats entropy of the newest token
     * @param token index of the newest token
     */
    Optional<Decision> decide(SequenceSignals signals, double newestEntropyNats, int token);
}
