package io.edistream.gateway.reading;

import java.util.Map;

/**
 * What the end of an answer's bytes means.
 *
 * @param outcome how it ended
 * @param missing tokens behind the last known one that the engine decoded and did not show, by choice; none are left out
 * @param unplaced tokens that it decoded and did not show, of a choice that is not known
 */
public record Ending(Outcome outcome, Map<Integer, Integer> missing, int unplaced) {

    /** Copies the map. */
    public Ending {
        missing = Map.copyOf(missing);
    }

    /** How an answer ended. */
    public enum Outcome {
        /** Every choice has a finish. */
        COMPLETE,
        /** The engine sent an error. */
        ERROR,
        /** It stopped before a finish. */
        CUT
    }
}
