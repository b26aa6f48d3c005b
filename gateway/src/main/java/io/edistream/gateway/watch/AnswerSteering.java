package io.edistream.gateway.watch;

import io.edistream.sequences.Intervention;
import io.edistream.sequences.Objection;
import io.edistream.sequences.Phase;

/** What can be done with an answer where it flows. Called on the hub's thread: must not wait for anything. */
@FunctionalInterface
public interface AnswerSteering {

    /**
     * No more of the choice is to reach the client.
     *
     * @param choice index of the choice in the answer
     */
    void end(int choice, Ended ended);

    /**
     * How a choice could go on on another route. Changes nothing.
     *
     * @param choice index of the choice in the answer
     * @param phase what it is at
     * @param tokens how many it has
     * @param reroutes how often it was tried to go on elsewhere
     */
    default Onward onward(int choice, Intervention.Reroute reroute, Phase phase, int tokens, int reroutes) {
        return new Onward.Impossible(Objection.unsupported("this answer cannot go on elsewhere"));
    }

    /**
     * How the reasoning of a choice could be ended. Changes nothing.
     *
     * @param choice index of the choice in the answer
     * @param phase what it is at
     * @param tokens how many it has
     * @param conclusions how often it was tried to end its reasoning
     */
    default Onward conclusion(int choice, Intervention.Conclude conclude, Phase phase, int tokens, int conclusions) {
        return new Onward.Impossible(Objection.unsupported("the reasoning of this answer cannot be ended"));
    }
}
