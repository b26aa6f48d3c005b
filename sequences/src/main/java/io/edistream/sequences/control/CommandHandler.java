package io.edistream.sequences.control;

import io.edistream.sequences.Effect;
import io.edistream.sequences.Intervention;
import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.Objection;
import io.edistream.sequences.RefusalReason;
import io.edistream.sequences.RunningSequence;
import io.edistream.sequences.SequenceDirectory;
import io.edistream.sequences.metrics.GeneratorMetrics;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what becomes of each command and reports exactly one outcome per arrival, or one for all that came while too
 * many waited; and a second one where an effect ends that should have lasted. Knows sequences only as {@link RunningSequence}, so it serves any source of tokens. Used by one thread, the
 * one that decodes; {@link #admits} by any.
 *
 * <p>Only a command that was applied uses up its id: any other is judged anew when it is repeated. A shadow command
 * neither uses an id up nor is it kept from being reported by one that was applied.
 */
public final class CommandHandler {

    private static final Logger LOG = LoggerFactory.getLogger(CommandHandler.class);

    private final SequenceDirectory sequences;
    private final OutcomePublisher outcomes;
    private final GeneratorMetrics metrics;
    private final MicrosClock clock;
    private final ControlOptions options;
    private final long maxAgeMicros;
    private final AppliedCommands applied;
    private final LastingEffects lasting = new LastingEffects();
    private final CommandBacklog backlog = new CommandBacklog();

    public CommandHandler(
            SequenceDirectory sequences,
            OutcomePublisher outcomes,
            ControlOptions options,
            GeneratorMetrics metrics,
            MicrosClock clock) {
        this.sequences = sequences;
        this.outcomes = outcomes;
        this.metrics = metrics;
        metrics.expectsCommands(
                Stream.of(ControlAction.values()).map(Enum::name).toList(),
                Stream.of(OutcomeKind.values()).map(Enum::name).toList(),
                Stream.of(RefusalReason.values()).map(Enum::name).toList());
        this.clock = clock;
        this.options = options;
        this.maxAgeMicros = TimeUnit.MICROSECONDS.convert(options.maxCommandAge());
        this.applied = new AppliedCommands(options.rememberedCommands());
    }

    /**
     * A command has arrived, on any thread.
     *
     * @return whether it is to be handled; otherwise too many wait, and it will be part of an outcome that sums them up
     */
    public boolean admits(ReceivedCommand received) {
        boolean admitted = backlog.admits(received);
        if (!admitted) {
            metrics.commandSettled(received.command().action().name(), OutcomeKind.REFUSED.name());
            metrics.commandRefused(received.command().action().name(), RefusalReason.NO_ROOM.name());
        }
        return admitted;
    }

    /** Obeys an admitted command or says why not. */
    public void handle(ReceivedCommand received) {
        try {
            settle(received);
        } finally {
            backlog.handled().ifPresent(this::sumUp);
        }
    }

    /** A sequence has ended; what was forced on it and never came is withdrawn. */
    public void ended(RunningSequence sequence) {
        lasting.ended(sequence)
                .forEach(effect -> withdrawn(effect, "the sequence ended before all forced tokens were in it"));
    }

    /**
     * What a sequence was told to force last does not come; that is withdrawn.
     *
     * @param why one sentence for people
     */
    public void forcesInVain(RunningSequence sequence, String why) {
        lasting.forcesInVain(sequence).ifPresent(effect -> withdrawn(effect, why));
    }

    /** Nobody watches any more: takes back what lasts of all commands, where it can be taken back. */
    public void withdrawAll() {
        lasting.takeBack()
                .forEach(effect ->
                        withdrawn(effect, "no job has been heard of for a while, so what lasts is taken back"));
    }

    private void withdrawn(LastingEffects.Effect effect, String why) {
        ControlCommand command = effect.received().command();
        publish(new ControlOutcome(
                effect.received(),
                sequences.names(command.sequence()),
                OutcomeKind.WITHDRAWN,
                null,
                null,
                null,
                clock.micros(),
                List.of(),
                null,
                1,
                why));
    }

    private void sumUp(CommandBacklog.Refused refused) {
        ReceivedCommand last = refused.last();
        outcomes.publish(new ControlOutcome(
                last,
                sequences.names(last.command().sequence()),
                OutcomeKind.REFUSED,
                RefusalReason.OTHER,
                null,
                null,
                clock.micros(),
                List.of(),
                null,
                refused.count(),
                refused.count() + " commands came while " + CommandBacklog.MAX_WAITING
                        + " waited, which is the limit; none of them was tried"));
    }

    private void settle(ReceivedCommand received) {
        ControlCommand command = received.command();
        Verdict verdict;
        try {
            verdict = judge(received);
        } catch (RuntimeException e) {
            // One command that cannot be carried out must neither stop decoding nor stay without an outcome.
            LOG.error("{} of sequence {} failed", command.action(), command.sequence(), e);
            verdict = Verdict.refused(RefusalReason.FAILED, "it was tried and failed: " + e.getMessage());
        }
        publish(new ControlOutcome(
                received,
                sequences.names(command.sequence()),
                verdict.kind,
                verdict.refusal,
                verdict.effect,
                verdict.atToken,
                clock.micros(),
                verdict.started,
                verdict.continuedBy,
                1,
                verdict.detail));
    }

    private void publish(ControlOutcome outcome) {
        count(outcome);
        outcomes.publish(outcome);
    }

    /** The first thing that stands in the way decides; what is known for certain comes before what depends on limits. */
    private Verdict judge(ReceivedCommand received) {
        ControlCommand command = received.command();
        OptionalInt appliedAt = applied.appliedAt(command.id());
        if (appliedAt.isPresent()) {
            return command.armed()
                    ? Verdict.not(OutcomeKind.DUPLICATE, "this command was applied before")
                    : Verdict.shadow(appliedAt.getAsInt(), "not armed; the same decision was applied before");
        }
        Optional<RunningSequence> found = sequences.running(command.sequence());
        if (found.isEmpty()) {
            return sequences.hasEnded(command.sequence())
                    ? Verdict.not(OutcomeKind.TOO_LATE, "the sequence had ended when the command arrived")
                    : Verdict.not(OutcomeKind.UNKNOWN, "this generator never had the sequence");
        }
        String tooOld = tooOld(command.timing());
        if (tooOld != null) {
            return Verdict.not(OutcomeKind.DISARMED, tooOld);
        }
        return command.armed() ? carryOut(received, found.get()) : rehearse(command, found.get());
    }

    /** Why a command is too old to be obeyed, by the generator's own limit or by the command's; null if it is not. */
    private @Nullable String tooOld(ControlCommand.Timing timing) {
        long ageMicros = difference(clock.micros(), timing.sentTokenAtMicros());
        if (ageMicros > maxAgeMicros) {
            return "sent after a token that is " + ageMicros + " microseconds old; this generator's limit is "
                    + maxAgeMicros;
        }
        long timeToLiveMicros = TimeUnit.MILLISECONDS.toMicros(timing.timeToLiveMillis());
        if (timeToLiveMicros > 0 && ageMicros >= timeToLiveMicros) {
            return "sent after a token that is " + ageMicros + " microseconds old; the command's time to live is "
                    + timeToLiveMicros;
        }
        return null;
    }

    private Verdict carryOut(ReceivedCommand received, RunningSequence sequence) {
        ControlCommand command = received.command();
        CommandPlan plan = CommandPlan.of(command, sequence, options);
        if (plan instanceof CommandPlan.Impossible impossible) {
            Objection objection = impossible.objection();
            return objection.refusal() == null
                    ? Verdict.not(OutcomeKind.UNSUPPORTED, objection.sentence())
                    : Verdict.refused(objection.refusal(), objection.sentence());
        }
        Intervention intervention = ((CommandPlan.Possible) plan).intervention();
        if (!lasting.hasRoomFor(intervention, sequence)) {
            return Verdict.refused(
                    RefusalReason.OTHER,
                    LastingEffects.MAX_PER_SEQUENCE
                            + " commands have changed the sequence for good, which is the limit");
        }
        int atToken = sequence.tokens();
        Effect effect = sequence.effectOf(intervention);
        List<Long> started = sequence.apply(intervention);
        applied.add(command.id(), atToken);
        lasting.applied(received, intervention, sequence);
        boolean goesOn = intervention instanceof Intervention.Reroute
                || (intervention instanceof Intervention.Conclude && !started.isEmpty());
        return goesOn
                ? new Verdict(OutcomeKind.APPLIED, null, effect, atToken, List.of(), started.get(0), effect.caveat())
                : new Verdict(OutcomeKind.APPLIED, null, effect, atToken, started, null, effect.caveat());
    }

    /** A shadow command is always reported as one, so that counts of shadow decisions add up. */
    private Verdict rehearse(ControlCommand command, RunningSequence sequence) {
        String detail = CommandPlan.of(command, sequence, options) instanceof CommandPlan.Impossible impossible
                ? "not armed, and not possible: " + impossible.objection().sentence()
                : "not armed";
        return Verdict.shadow(sequence.tokens(), detail);
    }

    private void count(ControlOutcome outcome) {
        ControlCommand command = outcome.received().command();
        metrics.commandSettled(command.action().name(), outcome.kind().name());
        RefusalReason refusal = outcome.refusal();
        if (refusal != null) {
            metrics.commandRefused(command.action().name(), refusal.name());
        }
        Integer atToken = outcome.appliedAtToken();
        if (outcome.kind() == OutcomeKind.APPLIED && atToken != null) {
            ControlCommand.Timing timing = command.timing();
            metrics.reaction(
                    command.action().name(),
                    (long) atToken - timing.decidedAtToken() - 1,
                    difference(outcome.settledAtMicros(), timing.decodedAtMicros()));
        }
    }

    /** A difference that stays at the end of its type instead of changing its sign there. */
    private static long difference(long later, long earlier) {
        long difference = later - earlier;
        boolean overflown = ((later ^ earlier) & (later ^ difference)) < 0;
        return overflown ? (later < 0 ? Long.MIN_VALUE : Long.MAX_VALUE) : difference;
    }

    private record Verdict(
            OutcomeKind kind,
            @Nullable RefusalReason refusal,
            @Nullable Effect effect,
            @Nullable Integer atToken,
            List<Long> started,
            @Nullable Long continuedBy,
            String detail) {

        static Verdict not(OutcomeKind kind, String detail) {
            return new Verdict(kind, null, null, null, List.of(), null, detail);
        }

        static Verdict refused(RefusalReason reason, String detail) {
            return new Verdict(OutcomeKind.REFUSED, reason, null, null, List.of(), null, detail);
        }

        static Verdict shadow(int atToken, String detail) {
            return new Verdict(OutcomeKind.SHADOW, null, null, atToken, List.of(), null, detail);
        }
    }
}
