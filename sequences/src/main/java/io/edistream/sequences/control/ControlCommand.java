package io.edistream.sequences.control;

import io.edistream.sequences.SamplingChange;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a rule asks this generator to do.
 *
 * @param id of the decision, 16 bytes; the same decision made twice has the same id
 * @param sequence number of the sequence to act on
 * @param action what to do
 * @param armed whether to do it; if not, only to report where it would have taken effect
 * @param cause which rule asks, and of what
 * @param timing when that was decided and sent
 * @param arguments what the action needs
 */
public record ControlCommand(
        UUID id, long sequence, ControlAction action, boolean armed, Cause cause, Timing timing, Arguments arguments) {

    /**
     * Which rule asks, and of what.
     *
     * @param rule id of the rule that fired
     * @param revision its revision
     * @param model model of the sequence
     * @param route route of the sequence
     * @param request its caller's name for the request; null if it gave none
     * @param reason why it fired, one sentence for people
     */
    public record Cause(
            String rule, int revision, String model, String route, @Nullable String request, String reason) {}

    /**
     * When a command was decided and sent. Times are microseconds since 1970-01-01 UTC on this generator's clock.
     *
     * @param decidedAtToken index of the first token at which the rule's condition held; reaction is counted from here
     * @param decodedAtMicros when that token was decoded
     * @param sentAtToken index of the token after which this copy was sent, if the command is repeated a later one
     * @param sentTokenAtMicros when that token was decoded, by which the age of the copy is judged
     * @param timeToLiveMillis age from which on the command is not to be obeyed, milliseconds; 0 leaves that to the
     *     generator
     */
    public record Timing(
            int decidedAtToken, long decodedAtMicros, int sentAtToken, long sentTokenAtMicros, int timeToLiveMillis) {}

    /**
     * What an action needs; each action has its own part.
     *
     * @param spareLast ABORT, PRUNE: do nothing if no other sequence of the group runs or has ended by itself
     * @param branchAtToken BRANCH: index of the first token that the children decode themselves
     * @param branchWidth BRANCH: how many children to start
     * @param maxLeaves BRANCH: sequences that the prompt group may have started in all; 0 for no limit
     * @param samples START: how many more samples to start
     * @param targetRoute REROUTE: name of the route to continue on
     * @param fromPrompt REROUTE: begin again from the prompt
     * @param sampling SET_SAMPLING: what to change; START, REROUTE: sampling of the new sequences
     * @param forcedText CONCLUDE: text to force; null for the generator's own
     * @param forcedIds CONCLUDE: the same as token ids, which win over the text
     * @param parameters further parameters by name
     */
    public record Arguments(
            boolean spareLast,
            @Nullable Integer branchAtToken,
            int branchWidth,
            int maxLeaves,
            int samples,
            @Nullable String targetRoute,
            boolean fromPrompt,
            @Nullable SamplingChange sampling,
            @Nullable String forcedText,
            List<Integer> forcedIds,
            Map<String, String> parameters) {

        /** Copies the collections. */
        public Arguments {
            forcedIds = List.copyOf(forcedIds);
            parameters = Map.copyOf(parameters);
        }

        /** Those of an ABORT. */
        public static Arguments abort(boolean spareLast) {
            return new Arguments(spareLast, null, 0, 0, 0, null, false, null, null, List.of(), Map.of());
        }

        /** Those of a REROUTE that draws as before. */
        public static Arguments reroute(String route, boolean fromPrompt) {
            return new Arguments(true, null, 0, 0, 0, route, fromPrompt, null, null, List.of(), Map.of());
        }

        /** Those of a BRANCH. */
        public static Arguments branch(@Nullable Integer atToken, int width, int maxLeaves) {
            return new Arguments(true, atToken, width, maxLeaves, 0, null, false, null, null, List.of(), Map.of());
        }
    }
}
