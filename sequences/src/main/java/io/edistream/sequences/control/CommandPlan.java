package io.edistream.sequences.control;

import io.edistream.sequences.EndReason;
import io.edistream.sequences.Intervention;
import io.edistream.sequences.Intervention.Branch;
import io.edistream.sequences.Intervention.Stop;
import io.edistream.sequences.Objection;
import io.edistream.sequences.RefusalReason;
import io.edistream.sequences.RunningSequence;
import io.edistream.sequences.control.ControlCommand.Arguments;

/** What a command comes to for a running sequence. */
sealed interface CommandPlan {

    /** Can be done at once. */
    record Possible(Intervention intervention) implements CommandPlan {}

    /** Cannot be done. */
    record Impossible(Objection objection) implements CommandPlan {}

    /** Changes nothing. */
    static CommandPlan of(ControlCommand command, RunningSequence sequence) {
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
            case ABORT -> stop(arguments, sequence, EndReason.ABORTED);
            case PRUNE -> stop(arguments, sequence, EndReason.PRUNED);
            case BRANCH -> branch(arguments, sequence);
            case CONCLUDE, REROUTE, SET_SAMPLING, START, UNKNOWN ->
                unsupported("this generator cannot do " + command.action());
        };
    }

    private static CommandPlan stop(Arguments arguments, RunningSequence sequence, EndReason reason) {
        if (arguments.spareLast() && sequence.group().isLastHope()) {
            return new Impossible(Objection.refused(
                    RefusalReason.LAST_OF_GROUP,
                    "no other sequence of the prompt group is running or has finished by itself"));
        }
        return ifPossible(new Stop(reason), sequence);
    }

    private static CommandPlan branch(Arguments arguments, RunningSequence sequence) {
        Integer atToken = arguments.branchAtToken();
        if (atToken == null || arguments.branchWidth() < 1) {
            return unsupported("BRANCH needs a token and a width of at least 1, not " + arguments.branchWidth() + " at "
                    + atToken);
        }
        int width = arguments.branchWidth();
        if (arguments.maxLeaves() > 0) {
            width = Math.min(width, arguments.maxLeaves() - sequence.group().started());
        }
        if (width < 1) {
            return new Impossible(Objection.refused(
                    RefusalReason.GROUP_LIMIT,
                    "the prompt group has started " + sequence.group().started() + " sequences; the limit is "
                            + arguments.maxLeaves()));
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
