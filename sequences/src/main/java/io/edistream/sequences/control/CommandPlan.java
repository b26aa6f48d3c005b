package io.edistream.sequences.control;

import io.edistream.sequences.EndReason;
import io.edistream.sequences.Intervention;
import io.edistream.sequences.Intervention.Branch;
import io.edistream.sequences.Intervention.Conclude;
import io.edistream.sequences.Intervention.Reroute;
import io.edistream.sequences.Intervention.SetSampling;
import io.edistream.sequences.Intervention.Start;
import io.edistream.sequences.Intervention.Stop;
import io.edistream.sequences.Objection;
import io.edistream.sequences.RefusalReason;
import io.edistream.sequences.RunningSequence;
import io.edistream.sequences.SamplingChange;
import io.edistream.sequences.control.ControlCommand.Arguments;
import org.jspecify.annotations.Nullable;

/** What a command comes to for a running sequence. */
sealed interface CommandPlan {

    /** Can be done at once. */
    record Possible(Intervention intervention) implements CommandPlan {}

    /** Cannot be done. */
    record Impossible(Objection objection) implements CommandPlan {}

    /** Changes nothing. */
    static CommandPlan of(ControlCommand command, RunningSequence sequence, ControlOptions options) {
        Arguments arguments = command.arguments();
        if (command.timing().timeToLiveMillis() < 0) {
            return unsupported("a time to live of " + command.timing().timeToLiveMillis()
                    + " ms makes no sense: it must be at least 0");
        }
        if (!arguments.parameters().isEmpty()) {
            return unsupported("this generator knows no parameter "
                    + arguments.parameters().keySet().iterator().next());
        }
        return switch (command.action()) {
            case ABORT -> stop(command, sequence, EndReason.ABORTED);
            case PRUNE -> sequence.group().hasStrategy() ? ownStrategy() : stop(command, sequence, EndReason.PRUNED);
            case BRANCH -> branch(arguments, sequence, options);
            case START -> sequence.group().hasStrategy() ? ownStrategy() : start(arguments, sequence, options);
            case CONCLUDE ->
                ifPossible(
                        new Conclude(
                                arguments.forcedText(),
                                arguments.forcedIds(),
                                command.cause().rule(),
                                command.cause().reason()),
                        sequence);
            case REROUTE -> reroute(command, sequence, options);
            case SET_SAMPLING -> setSampling(arguments, sequence);
            case UNKNOWN -> unsupported("the action is UNKNOWN to this release");
        };
    }

    private static CommandPlan stop(ControlCommand command, RunningSequence sequence, EndReason reason) {
        if (command.arguments().spareLast() && sequence.group().isLastHope()) {
            return new Impossible(Objection.refused(
                    RefusalReason.LAST_OF_GROUP,
                    "no other sequence of the prompt group is running or has finished by itself"));
        }
        return ifPossible(
                new Stop(reason, command.cause().rule(), command.cause().reason()), sequence);
    }

    private static CommandPlan setSampling(Arguments arguments, RunningSequence sequence) {
        SamplingChange change = orNone(arguments.sampling());
        return change.isEmpty()
                ? unsupported("SET_SAMPLING needs something to change")
                : ifPossible(new SetSampling(change), sequence);
    }

    private static CommandPlan reroute(ControlCommand command, RunningSequence sequence, ControlOptions options) {
        Arguments arguments = command.arguments();
        String route = arguments.targetRoute();
        if (route == null) {
            return unsupported("REROUTE needs a route");
        }
        return sequence.continuations() >= options.maxReroutes()
                ? new Impossible(Objection.refused(
                        RefusalReason.OTHER,
                        "the generation has gone on elsewhere " + sequence.continuations() + " times; the limit is "
                                + options.maxReroutes()))
                : ifPossible(
                        new Reroute(
                                route,
                                arguments.fromPrompt(),
                                orNone(arguments.sampling()),
                                command.cause().rule(),
                                command.cause().reason()),
                        sequence);
    }

    private static CommandPlan start(Arguments arguments, RunningSequence sequence, ControlOptions options) {
        if (arguments.samples() < 1) {
            return unsupported("START needs a number of samples of at least 1, not " + arguments.samples());
        }
        int samples = Math.min(arguments.samples(), roomInGroup(sequence, options.maxGroupSequences()));
        return samples < 1
                ? groupIsFull(sequence, options.maxGroupSequences())
                : ifPossible(new Start(samples, orNone(arguments.sampling())), sequence);
    }

    private static int roomInGroup(RunningSequence sequence, int limit) {
        return limit - sequence.group().started();
    }

    private static CommandPlan groupIsFull(RunningSequence sequence, int limit) {
        return new Impossible(Objection.refused(
                RefusalReason.GROUP_LIMIT,
                "the prompt group has started " + sequence.group().started() + " sequences; the limit is " + limit));
    }

    /** Never both for one group. */
    private static CommandPlan ownStrategy() {
        return new Impossible(Objection.refused(
                RefusalReason.CALLER, "its caller's strategy decides how many samples of the prompt there are"));
    }

    private static SamplingChange orNone(@Nullable SamplingChange change) {
        return change == null ? SamplingChange.NONE : change;
    }

    private static CommandPlan branch(Arguments arguments, RunningSequence sequence, ControlOptions options) {
        Integer atToken = arguments.branchAtToken();
        if (atToken == null || arguments.branchWidth() < 1) {
            return unsupported("BRANCH needs a token and a width of at least 1, not " + arguments.branchWidth() + " at "
                    + atToken);
        }
        int limit = arguments.maxLeaves() > 0
                ? Math.min(arguments.maxLeaves(), options.maxGroupSequences())
                : options.maxGroupSequences();
        int width = Math.min(arguments.branchWidth(), roomInGroup(sequence, limit));
        if (width < 1) {
            return groupIsFull(sequence, limit);
        }
        return ifPossible(new Branch(atToken, width), sequence);
    }

    private static CommandPlan ifPossible(Intervention intervention, RunningSequence sequence) {
        return sequence.objectionTo(intervention)
                .<CommandPlan>map(Impossible::new)
                .orElseGet(() -> new Possible(intervention));
    }

    private static CommandPlan unsupported(String sentence) {
        return new Impossible(Objection.unsupported(sentence));
    }
}
