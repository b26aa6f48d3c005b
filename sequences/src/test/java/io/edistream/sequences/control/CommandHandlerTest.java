package io.edistream.sequences.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.sequences.Effect;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.Intervention;
import io.edistream.sequences.Objection;
import io.edistream.sequences.PromptGroup;
import io.edistream.sequences.RefusalReason;
import io.edistream.sequences.RunningSequence;
import io.edistream.sequences.SequenceDirectory;
import io.edistream.sequences.SequenceNames;
import io.edistream.sequences.control.ControlCommand.Arguments;
import io.edistream.sequences.control.ControlCommand.Timing;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.edistream.sequences.metrics.Metrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The handler over a source of tokens that is no decode loop: a stream of somebody else's that can only be cut off. */
class CommandHandlerTest {

    private static final long NOW_MICROS = 50_000_000;
    private static final long LIMIT_MICROS = 10_000_000;

    private final GeneratorMetrics metrics = new GeneratorMetrics(new PrometheusRegistry());
    private final RecordingOutcomePublisher outcomes = new RecordingOutcomePublisher();
    private final Stream stream = new Stream();
    private long now = NOW_MICROS;
    private CommandHandler handler =
            new CommandHandler(stream, outcomes, ControlOptions.defaults(), metrics, () -> now);

    @Test
    void whatTheSourceCannotDoIsUnsupportedInItsOwnWords() {
        ControlOutcome outcome = handled(command(1, ControlAction.BRANCH, 10));
        assertThat(outcome.kind()).isEqualTo(OutcomeKind.UNSUPPORTED);
        assertThat(outcome.refusal()).isNull();
        assertThat(outcome.detail()).isEqualTo("a stream cannot be forked");
        assertThat(stream.applied).isEmpty();
    }

    /** More than may wait, of commands that are not for anything that runs. */
    @Test
    void aFloodIsSummedUpInOneOutcomeAndKeepsNothing() {
        stream.running = false;
        List<ReceivedCommand> waiting = new ArrayList<>();
        for (int id = 0; id < 100_000; id++) {
            ReceivedCommand one = new ReceivedCommand(command(id, ControlAction.ABORT, 10), NOW_MICROS);
            if (handler.admits(one)) {
                waiting.add(one);
            }
        }
        assertThat(waiting).hasSize(CommandBacklog.MAX_WAITING);
        waiting.forEach(handler::handle);
        assertThat(outcomes.recorded()).hasSize(CommandBacklog.MAX_WAITING + 1);
        ControlOutcome last = outcomes.recorded().get(CommandBacklog.MAX_WAITING);
        assertThat(last.kind()).isEqualTo(OutcomeKind.REFUSED);
        assertThat(last.refusal()).isEqualTo(RefusalReason.OTHER);
        assertThat(last.count()).isEqualTo(100_000 - CommandBacklog.MAX_WAITING);
        assertThat(last.received().command().id()).isEqualTo(new UUID(99_999, 10));
        assertThat(last.detail()).contains("95904 commands came while 4096 waited");
        assertThat(Metrics.value(metrics, "edistream_generator_commands", "abort", "refused"))
                .isEqualTo(95_904);

        assertThat(handled(command(1, ControlAction.ABORT, 10)).count())
                .as("there is room again")
                .isEqualTo(1);
        assertThat(outcomes.recorded()).hasSize(CommandBacklog.MAX_WAITING + 2);
    }

    @Test
    void reactionIsCountedInTokensAndSecondsFromTheFirstDecidingToken() {
        // A repeat, sent after token 19 because the condition still held.
        ControlOutcome outcome = handled(Commands.timed(
                command(1, ControlAction.ABORT, 17), new Timing(17, NOW_MICROS - 250_000, 19, NOW_MICROS - 50_000, 0)));
        assertThat(outcome.kind()).isEqualTo(OutcomeKind.APPLIED);
        assertThat(outcome.appliedAtToken()).isEqualTo(20);
        assertThat(outcome.names()).isEqualTo(Stream.NAMES);
        assertThat(stream.applied).containsExactly(new Intervention.Stop(EndReason.ABORTED, "rule-1", "too high"));
        // Tokens 18 and 19 were decoded between token 17, which decided, and the effect before token 20.
        assertThat(sumOf("edistream_generator_reaction_tokens")).isEqualTo(2);
        assertThat(sumOf("edistream_generator_reaction_seconds")).isEqualTo(.25);
    }

    @Test
    void whatEndsLessThanOneWouldThinkSaysSo() {
        stream.effect = Effect.HIDDEN;
        ControlOutcome hidden = handled(command(1, ControlAction.ABORT, 10));
        assertThat(hidden.effect()).isEqualTo(Effect.HIDDEN);
        assertThat(hidden.detail()).startsWith("hidden, not stopped");
        stream.effect = Effect.STOPPED;
        ControlOutcome stopped = handled(command(1, ControlAction.ABORT, 11));
        assertThat(stopped.effect()).isEqualTo(Effect.STOPPED);
        assertThat(stopped.detail()).isEmpty();
        assertThat(handled(command(1, ControlAction.BRANCH, 10)).effect()).isNull();
    }

    @Test
    void onlyAppliedCommandsCountAsReactions() {
        handled(command(1, ControlAction.BRANCH, 10));
        handled(command(2, ControlAction.ABORT, 10));
        assertThat(outcomes.recorded()).hasSize(2);
        assertThat(sumOf("edistream_generator_reaction_tokens")).isZero();
    }

    @Test
    void whatWasNotAppliedIsJudgedAnewAndWhatWasIsADuplicate() {
        ControlCommand abort = command(1, ControlAction.ABORT, 17);
        stream.running = false;
        assertThat(handled(abort).kind()).isEqualTo(OutcomeKind.UNKNOWN);
        stream.ended = true;
        assertThat(handled(abort).kind()).isEqualTo(OutcomeKind.TOO_LATE);
        stream.running = true;
        now += LIMIT_MICROS;
        assertThat(handled(abort).kind()).isEqualTo(OutcomeKind.DISARMED);
        now = NOW_MICROS;
        stream.objection = Objection.unsupported("not yet");
        assertThat(handled(abort).kind()).isEqualTo(OutcomeKind.UNSUPPORTED);
        stream.objection = Objection.refused(RefusalReason.NO_ROOM, "full");
        ControlOutcome refused = handled(abort);
        assertThat(refused.kind()).isEqualTo(OutcomeKind.REFUSED);
        assertThat(refused.refusal()).isEqualTo(RefusalReason.NO_ROOM);
        assertThat(refused.detail()).isEqualTo("full");
        assertThat(handled(Commands.unarmed(abort)).kind()).isEqualTo(OutcomeKind.SHADOW);
        stream.objection = null;
        assertThat(handled(abort).kind()).isEqualTo(OutcomeKind.APPLIED);
        assertThat(handled(abort).kind()).isEqualTo(OutcomeKind.DUPLICATE);
        assertThat(stream.applied).hasSize(1);
        assertThat(outcomes.recorded()).as("one for each arrival").hasSize(8);
    }

    @Test
    void aShadowRepeatOfWhatWasAppliedIsShadow() {
        ControlCommand abort = command(1, ControlAction.ABORT, 17);
        handled(abort);
        stream.running = false;
        stream.ended = true;
        ControlOutcome shadow = handled(Commands.unarmed(abort));
        assertThat(shadow.kind()).isEqualTo(OutcomeKind.SHADOW);
        assertThat(shadow.appliedAtToken()).isEqualTo(20);
        assertThat(handled(abort).kind()).isEqualTo(OutcomeKind.DUPLICATE);
    }

    @Test
    void armedBesideShadowLosesNoArmedAction() {
        // Two jobs over one prefix decide the same, in any order of arrival, with repeats.
        for (int order = 0; order < 8; order++) {
            ControlCommand armed = command(1, ControlAction.ABORT, 100 + order);
            for (int arrival = 0; arrival < 3; arrival++) {
                boolean shadow = (order >> arrival & 1) == 1;
                handled(shadow ? Commands.unarmed(armed) : armed);
            }
            handled(armed);
        }
        assertThat(stream.applied).as("each once").hasSize(8);
        assertThat(outcomes.recorded()).allSatisfy(outcome -> assertThat(outcome.kind())
                .isIn(
                        outcome.received().command().armed()
                                ? List.of(OutcomeKind.APPLIED, OutcomeKind.DUPLICATE)
                                : List.of(OutcomeKind.SHADOW)));
    }

    @Test
    void theAgeIsThatOfTheTokenAfterWhichTheCopyWasSent() {
        ControlCommand abort = command(1, ControlAction.ABORT, 17);
        ControlOutcome tooOld =
                handled(Commands.timed(abort, new Timing(17, NOW_MICROS, 19, NOW_MICROS - LIMIT_MICROS - 1, 0)));
        assertThat(tooOld.kind()).isEqualTo(OutcomeKind.DISARMED);
        assertThat(tooOld.detail()).contains("10000001").contains("10000000");
        assertThat(handled(Commands.timed(abort, new Timing(17, 0, 19, NOW_MICROS - LIMIT_MICROS, 0)))
                        .kind())
                .isEqualTo(OutcomeKind.APPLIED);
    }

    @Test
    void theSmallerOfBothLimitsHolds() {
        ControlCommand abort = command(1, ControlAction.ABORT, 17);
        ControlOutcome expired = handled(Commands.timed(abort, new Timing(17, 0, 17, NOW_MICROS - 250_000, 250)));
        assertThat(expired.kind()).isEqualTo(OutcomeKind.DISARMED);
        assertThat(expired.detail()).contains("time to live is 250000");
        assertThat(handled(Commands.timed(abort, new Timing(17, 0, 17, NOW_MICROS - LIMIT_MICROS - 1, 60_000)))
                        .kind())
                .isEqualTo(OutcomeKind.DISARMED);
        assertThat(handled(Commands.timed(abort, new Timing(17, 0, 17, NOW_MICROS - 249_999, 250)))
                        .kind())
                .isEqualTo(OutcomeKind.APPLIED);
    }

    @Test
    void aNegativeTimeToLiveMakesNoSense() {
        ControlOutcome outcome = handled(Commands.timed(
                command(1, ControlAction.ABORT, 17), new Timing(17, NOW_MICROS, 17, NOW_MICROS, Integer.MIN_VALUE)));
        assertThat(outcome.kind()).isEqualTo(OutcomeKind.UNSUPPORTED);
        assertThat(outcome.detail()).contains("-2147483648");
    }

    @Test
    void timesAtTheEndsOfTheirTypeDoNotOverflow() {
        ControlCommand abort = command(1, ControlAction.ABORT, 17);
        assertThat(handled(Commands.timed(abort, new Timing(17, 0, 17, Long.MIN_VALUE, 0)))
                        .kind())
                .as("as old as can be")
                .isEqualTo(OutcomeKind.DISARMED);
        assertThat(handled(Commands.timed(abort, new Timing(17, 0, 17, Long.MIN_VALUE, Integer.MAX_VALUE)))
                        .kind())
                .isEqualTo(OutcomeKind.DISARMED);
        now = -2;
        assertThat(handled(Commands.timed(
                                abort,
                                new Timing(Integer.MIN_VALUE, Long.MAX_VALUE, 17, Long.MAX_VALUE, Integer.MAX_VALUE)))
                        .kind())
                .as("a token of the future is young")
                .isEqualTo(OutcomeKind.APPLIED);
        // 20 tokens after token -2^31, and -2 - (2^63 - 1) microseconds, which is below what a long holds.
        assertThat(sumOf("edistream_generator_reaction_tokens")).isEqualTo(20 + 0x1.0p31 - 1);
        assertThat(sumOf("edistream_generator_reaction_seconds")).isEqualTo(Long.MIN_VALUE / 1e6);
    }

    @Test
    void aVeryLongLimitIsNoLimit() {
        CommandHandler patient = new CommandHandler(
                stream, outcomes, new ControlOptions(Duration.ofSeconds(Long.MAX_VALUE), 1), metrics, () -> now);
        patient.handle(received(
                Commands.timed(command(1, ControlAction.ABORT, 17), new Timing(17, 0, 17, Long.MIN_VALUE, 0))));
        assertThat(last().kind()).isEqualTo(OutcomeKind.APPLIED);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFaultIsRefusedAndCostsNoOtherCommand(boolean whileApplied) {
        ControlCommand abort = command(1, ControlAction.ABORT, 17);
        stream.faultWhileJudged = !whileApplied;
        stream.faultWhileApplied = whileApplied;
        ControlOutcome outcome = handled(abort);
        assertThat(outcome.kind()).isEqualTo(OutcomeKind.REFUSED);
        assertThat(outcome.refusal()).isEqualTo(RefusalReason.FAILED);
        assertThat(outcome.detail()).contains("faulty on purpose");
        stream.faultWhileJudged = false;
        stream.faultWhileApplied = false;
        assertThat(handled(abort).kind()).isEqualTo(OutcomeKind.APPLIED);
    }

    @Test
    void unknownParametersAreUnsupported() {
        ControlOutcome outcome = handled(Commands.with(
                command(1, ControlAction.ABORT, 17),
                new Arguments(false, null, 0, 0, 0, null, false, null, null, List.of(), Map.of("grace_tokens", "3"))));
        assertThat(outcome.kind()).isEqualTo(OutcomeKind.UNSUPPORTED);
        assertThat(outcome.detail()).contains("grace_tokens");
    }

    /** The limits are judged before the engine is asked, which here could not fork anyway. */
    @ParameterizedTest
    @CsvSource({"1, 256, GROUP_LIMIT", "2, 256, ", "0, 1, GROUP_LIMIT", "8, 1, GROUP_LIMIT", "0, 2, "})
    void noMoreBranchesThanTheRuleAndTheGeneratorAllow(int maxLeaves, int ofTheGenerator, RefusalReason expected) {
        handler = new CommandHandler(
                stream,
                outcomes,
                new ControlOptions(Duration.ofSeconds(10), 100, ofTheGenerator, 1),
                metrics,
                () -> now);
        stream.group.branchStarts();
        ControlOutcome outcome =
                handled(Commands.with(command(1, ControlAction.BRANCH, 17), Arguments.branch(3, 1, maxLeaves)));
        assertThat(outcome.refusal()).isEqualTo(expected);
    }

    @Test
    void aCallersStrategyIsNotInterferedWith() {
        stream.group.decideBy(ended -> {});
        ControlOutcome pruned = handled(command(1, ControlAction.PRUNE, 17));
        assertThat(pruned.refusal()).isEqualTo(RefusalReason.CALLER);
        assertThat(handled(command(1, ControlAction.ABORT, 18)).kind()).isEqualTo(OutcomeKind.APPLIED);
    }

    private double sumOf(String histogram) {
        return metrics.registry().scrape(histogram::equals).stream()
                .flatMap(snapshot -> ((HistogramSnapshot) snapshot).getDataPoints().stream())
                .mapToDouble(HistogramSnapshot.HistogramDataPointSnapshot::getSum)
                .sum();
    }

    private ControlOutcome handled(ControlCommand command) {
        assertThat(handler.admits(received(command))).isTrue();
        handler.handle(received(command));
        return last();
    }

    private ControlOutcome last() {
        return outcomes.recorded().get(outcomes.recorded().size() - 1);
    }

    private static ReceivedCommand received(ControlCommand command) {
        return new ReceivedCommand(command, NOW_MICROS);
    }

    private static ControlCommand command(long sequence, ControlAction action, int decidedAt) {
        Arguments arguments =
                action == ControlAction.BRANCH ? Arguments.branch(decidedAt, 2, 0) : Arguments.abort(false);
        return Commands.armed(
                new UUID(sequence, decidedAt), sequence, action, decidedAt, NOW_MICROS - 250_000, arguments);
    }

    /** One sequence, number 1, with 20 tokens. */
    private static final class Stream implements SequenceDirectory, RunningSequence {

        static final SequenceNames NAMES = new SequenceNames("m", "r", null, null);

        private final PromptGroup group = new PromptGroup(1, 1, () -> {});
        private final List<Intervention> applied = new ArrayList<>();
        private boolean running = true;
        private boolean ended;
        private Objection objection;
        private boolean faultWhileJudged;
        private boolean faultWhileApplied;
        private Effect effect = Effect.STOPPED;

        @Override
        public Optional<RunningSequence> running(long counter) {
            return counter == 1 && running ? Optional.of(this) : Optional.empty();
        }

        @Override
        public boolean hasEnded(long counter) {
            return counter == 1 && ended;
        }

        @Override
        public SequenceNames names(long counter) {
            return counter == 1 ? NAMES : SequenceNames.UNKNOWN;
        }

        @Override
        public long counter() {
            return 1;
        }

        @Override
        public int tokens() {
            return 20;
        }

        @Override
        public PromptGroup group() {
            return group;
        }

        @Override
        public Optional<Objection> objectionTo(Intervention intervention) {
            failIf(faultWhileJudged);
            return intervention instanceof Intervention.Stop
                    ? Optional.ofNullable(objection)
                    : Optional.of(Objection.unsupported("a stream cannot be forked"));
        }

        @Override
        public Effect effectOf(Intervention intervention) {
            return effect;
        }

        @Override
        public List<Long> apply(Intervention intervention) {
            failIf(faultWhileApplied);
            applied.add(intervention);
            return List.of();
        }

        @Override
        public int continuations() {
            return 0;
        }

        @Override
        public boolean isForcing() {
            return false;
        }

        @Override
        public void withdraw() {}

        private static void failIf(boolean fault) {
            if (fault) {
                throw new IllegalStateException("faulty on purpose");
            }
        }
    }
}
