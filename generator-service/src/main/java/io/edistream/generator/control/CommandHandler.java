package io.edistream.generator.control;

import io.edistream.generator.metrics.GeneratorMetrics;
import io.edistream.generator.sequence.Intervention;
import io.edistream.generator.sequence.Intervention.Abort;
import io.edistream.generator.sequence.Intervention.Branch;
import io.edistream.generator.sequence.MicrosClock;
import io.edistream.generator.sequence.Objection;
import io.edistream.generator.sequence.RunningSequence;
import io.edistream.generator.sequence.SequenceDirectory;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what becomes of each command and reports exactly one outcome per arrival. Knows sequences only as
 * {@link RunningSequence}, so it serves any source of tokens. Used by one thread, the one that decodes.
 */
public final class CommandHandler {

    private static final Logger LOG = LoggerFactory.getLogger(CommandHandler.class);

    private final SequenceDirectory sequences;
    private final OutcomePublisher outcomes;
    private final GeneratorMetrics metrics;
    private final MicrosClock clock;
    private final long maxAgeMicros;
    private final HandledCommands handled;

    public CommandHandler(
            SequenceDirectory sequences,
            OutcomePublisher outcomes,
            ControlOptions options,
            GeneratorMetrics metrics,
            MicrosClock clock) {
        this.sequences = sequences;
        this.outcomes = outcomes;
        this.metrics = metrics;
        this.clock = clock;
        this.maxAgeMicros =
                TimeUnit.NANOSECONDS.toMicros(options.maxCommandAge().toNanos());
        this.handled = new HandledCommands(options.rememberedCommands());
    }

    /** Obeys a command or says why not. */
    public void handle(ReceivedCommand received) {
        Verdict verdict = judge(received.command());
        ControlOutcome outcome = new ControlOutcome(
                received, verdict.kind, verdict.atToken, clock.micros(), verdict.children, verdict.detail);
        count(outcome);
        outcomes.publish(outcome);
    }

    /** The first thing that stands in the way decides; what is known for certain comes before what depends on limits. */
    private Verdict judge(ControlCommand command) {
        if (!handled.add(command.id())) {
            return Verdict.not(OutcomeKind.DUPLICATE, "this command was handled before");
        }
        Optional<RunningSequence> found = sequences.running(command.sequence());
        if (found.isEmpty()) {
            return sequences.hasEnded(command.sequence())
                    ? Verdict.not(OutcomeKind.TOO_LATE, "the sequence had ended when the command arrived")
                    : Verdict.not(OutcomeKind.UNKNOWN, "this generator never had the sequence");
        }
        long ageMicros = clock.micros() - command.decodedAtMicros();
        if (ageMicros > maxAgeMicros) {
            return Verdict.not(
                    OutcomeKind.DISARMED,
                    "decided on a token that is " + ageMicros + " microseconds old; the limit is " + maxAgeMicros);
        }
        return command.armed() ? carryOut(command, found.get()) : rehearse(command, found.get());
    }

    private Verdict carryOut(ControlCommand command, RunningSequence sequence) {
        Plan plan = plan(command, sequence);
        if (plan instanceof Impossible impossible) {
            OutcomeKind kind = impossible.objection.kind() == Objection.Kind.REFUSED
                    ? OutcomeKind.REFUSED
                    : OutcomeKind.UNSUPPORTED;
            return Verdict.not(kind, impossible.objection.sentence());
        }
        int atToken = sequence.tokens();
        try {
            List<Long> children = sequence.apply(((Possible) plan).intervention);
            return new Verdict(OutcomeKind.APPLIED, atToken, children, "");
        } catch (RuntimeException e) {
            // One command that cannot be carried out must neither stop decoding nor stay without an outcome.
            LOG.error("{} of sequence {} failed", command.action(), sequence.counter(), e);
            return Verdict.not(OutcomeKind.REFUSED, "it was tried and failed: " + e.getMessage());
        }
    }

    /** A shadow command is always reported as one, so that counts of shadow decisions add up. */
    private Verdict rehearse(ControlCommand command, RunningSequence sequence) {
        String detail = plan(command, sequence) instanceof Impossible impossible
                ? "not armed, and not possible: " + impossible.objection.sentence()
                : "not armed";
        return new Verdict(OutcomeKind.SHADOW, sequence.tokens(), List.of(), detail);
    }

    private static Plan plan(ControlCommand command, RunningSequence sequence) {
        return switch (command.action()) {
            case ABORT -> planAbort(command, sequence);
            case BRANCH -> planBranch(command, sequence);
            case CONCLUDE, PRUNE, REROUTE, SET_SAMPLING, UNKNOWN ->
                new Impossible(Objection.unsupported("this generator cannot do " + command.action()));
        };
    }

    private static Plan planAbort(ControlCommand command, RunningSequence sequence) {
        if (command.spareLast() && sequence.group().isLastHope()) {
            return new Impossible(
                    Objection.refused("no other sequence of the prompt group is running or has finished by itself"));
        }
        return ifPossible(new Abort(), sequence);
    }

    private static Plan planBranch(ControlCommand command, RunningSequence sequence) {
        Integer atToken = command.branchAtToken();
        if (atToken == null || command.branchWidth() < 1) {
            return new Impossible(Objection.unsupported(
                    "BRANCH needs a token and a width of at least 1, not " + command.branchWidth() + " at " + atToken));
        }
        int width = command.branchWidth();
        if (command.maxLeaves() > 0) {
            width = Math.min(width, command.maxLeaves() - sequence.group().started());
        }
        if (width < 1) {
            return new Impossible(Objection.refused("the prompt group has started "
                    + sequence.group().started() + " sequences; the limit is " + command.maxLeaves()));
        }
        return ifPossible(new Branch(atToken, width), sequence);
    }

    private static Plan ifPossible(Intervention intervention, RunningSequence sequence) {
        return sequence.objectionTo(intervention)
                .<Plan>map(Impossible::new)
                .orElseGet(() -> new Possible(intervention));
    }

    private void count(ControlOutcome outcome) {
        ControlCommand command = outcome.received().command();
        metrics.commandSettled(command.action().name(), outcome.kind().name());
        Integer atToken = outcome.appliedAtToken();
        if (outcome.kind() == OutcomeKind.APPLIED && atToken != null) {
            metrics.reaction(
                    atToken - command.decidedAtToken() - 1, outcome.settledAtMicros() - command.decodedAtMicros());
        }
    }

    private sealed interface Plan {}

    private record Possible(Intervention intervention) implements Plan {}

    private record Impossible(Objection objection) implements Plan {}

    private record Verdict(OutcomeKind kind, @Nullable Integer atToken, List<Long> children, String detail) {

        static Verdict not(OutcomeKind kind, String detail) {
            return new Verdict(kind, null, List.of(), detail);
        }
    }
}
