package io.edistream.jobs.sequences;

import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.newStart;
import static io.edistream.jobs.Batches.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.edistream.jobs.Batches;
import io.edistream.jobs.Batches.Sample;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.schemas.Action;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandMode;
import io.edistream.schemas.Continuation;
import io.edistream.schemas.ContinuationCause;
import io.edistream.schemas.ContinuationMethod;
import io.edistream.schemas.Distribution;
import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Ids;
import io.edistream.schemas.Measurement;
import io.edistream.schemas.Score;
import io.edistream.schemas.SequenceId;
import io.edistream.schemas.SequenceStart;
import io.edistream.signals.Scoring;
import io.edistream.signals.rules.Act;
import io.edistream.signals.rules.LimitScope;
import io.edistream.signals.rules.Mode;
import io.edistream.signals.rules.RuleKey;
import io.edistream.signals.rules.Rules;
import io.edistream.signals.rules.Threshold;
import io.edistream.signals.rules.Threshold.Side;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;

/** Sequences that are to go on in another route, or to answer now. */
class EndingsTest extends OperatorTest {

    private static final LimitScope SCOPE = new LimitScope(
            Set.of("reasoner-s"), Set.of("default", "large"), Set.of(io.edistream.signals.EntropyKind.RAW_EXACT));

    /** From the third token on and at most at the 41st, where the sum of the entropies is above 4 nats. */
    private static final Threshold REROUTE = Threshold.above(
                    new RuleKey("reroute", 2), SCOPE, "sequence_entropy", 4, new Act.Reroute("large", true))
            .from(3)
            .until(40);

    /** From the fifth token on, where their mean is below half a nat. */
    private static final Threshold CONCLUDE = Threshold.of(
                    new RuleKey("conclude", 7), SCOPE, "mean_entropy", Side.BELOW, 0.5, new Act.Conclude("So: "))
            .from(5);

    private static SequenceStart startOn(long counter, String route) {
        SequenceStart start = newStart(counter);
        start.setRoute(route);
        return start;
    }

    private static List<Sample> same(int tokens, double entropy) {
        return Collections.nCopies(tokens, token(entropy));
    }

    @Test
    void aRerouteSaysWhereToAndIsRepeatedUnderItsFirstIdUpToItsLastToken() throws Exception {
        try (SequenceHarness job = open(settings(REROUTE, Mode.ARMED))) {
            job.feed(batch(0).start(1).run(1, 0, same(2, 2)));
            assertThat(job.commands()).as("the limit is reached, not exceeded").isEmpty();
            job.feed(batch(1).run(1, 2, same(1, 0.5)));
            for (int i = 3; i < 100; i++) {
                job.feed(batch(i - 1).run(1, i, token(0.5)));
            }

            assertThat(job.commands()).extracting(Command::getSentAtToken).containsExactly(2, 18, 34);
            assertThat(job.commands()).extracting(Command::getDecidedAtToken).containsOnly(2);
            assertThat(job.commands())
                    .extracting(Command::getCommandId)
                    .containsOnly(job.commands().get(0).getCommandId());
            Command command = job.commands().get(0);
            assertThat(command.getAction()).isEqualTo(Action.REROUTE);
            assertThat(command.getMode()).isEqualTo(CommandMode.ARMED);
            assertThat(command.getTargetRoute()).isEqualTo("large");
            assertThat(command.getFromPrompt()).isTrue();
            assertThat(command.getRoute()).isEqualTo("default");
            assertThat(command.getForcedText()).isNull();
            assertThat(command.getReason()).isEqualTo("sequence_entropy 4.500 above 4.000 after 3 tokens");
            assertThat(job.metric("commands_total action=reroute mode=armed")).isEqualTo(3);
        }
    }

    @Test
    void aSequenceThatExceedsTheLimitBehindTheLastTokenStays() throws Exception {
        try (SequenceHarness job = open(settings(REROUTE, Mode.ARMED))) {
            job.feed(batch(0).start(1).start(2).run(1, 0, same(40, 0)).run(2, 0, same(41, 0)));
            job.feed(batch(1).run(1, 40, token(5)).run(2, 41, token(5)).finish(2, 42));

            assertThat(job.commands())
                    .extracting(Command::getSequence)
                    .containsExactly(Ids.sequenceId(Batches.GENERATOR, 1));
            assertThat(job.finals(2).get(0).getDecisions()).isZero();
        }
    }

    @Test
    void nobodyIsSentToTheRouteThatItIsOn() throws Exception {
        for (Mode mode : List.of(Mode.ARMED, Mode.SHADOW)) {
            try (SequenceHarness job = open(settings(REROUTE, mode))) {
                job.feed(batch(0).start(startOn(1, "large"))
                        .run(1, 0, same(40, 3))
                        .finish(1, 40));

                assertThat(job.commands()).isEmpty();
                assertThat(job.finals(1).get(0).getDecisions()).isZero();
            }
        }
    }

    /** The tokens of the first are not its own: what is decided of it follows from those that it decodes itself. */
    @Test
    void aContinuedSequenceIsWatchedAsAnyOther() throws Exception {
        Threshold abort = Threshold.above(new RuleKey("stop", 1), SCOPE, "sequence_entropy", 6, new Act.Abort(true));
        Rules rules = new Rules(List.of(new Rules.Setting(REROUTE, Mode.ARMED), new Rules.Setting(abort, Mode.ARMED)));
        SequenceStart onTarget = startOn(2, "large");
        onTarget.setContinues(new Continuation(1L, ContinuationCause.REROUTE, ContinuationMethod.BY_IDS, 3));
        SequenceStart elsewhere = startOn(3, "default");
        elsewhere.setContinues(new Continuation(2L, ContinuationCause.RETRY, ContinuationMethod.FROM_PROMPT, 0));
        try (SequenceHarness job = open(WatchSettings.of(Scoring.DEFAULT, rules))) {
            job.feed(batch(0).start(1).run(1, 0, same(3, 1.5)).finish(1, 3, FinishReason.CONCLUDED, null));
            job.feed(batch(1).start(onTarget).run(2, 0, same(5, 1.5)).finish(2, 5));
            job.feed(batch(2).start(elsewhere).run(3, 0, same(3, 1.75)).finish(3, 3));

            assertThat(job.rejected()).isEmpty();
            assertThat(job.commands())
                    .extracting(Command::getSequence, Command::getAction, Command::getDecidedAtToken)
                    .containsExactly(
                            tuple(id(1), Action.REROUTE, 2),
                            tuple(id(2), Action.ABORT, 4),
                            tuple(id(3), Action.REROUTE, 2));
            assertThat(job.commands()).extracting(Command::getCommandId).doesNotHaveDuplicates();
            assertThat(job.finals()).extracting(Score::getTokens).containsExactly(3, 5, 3);
            assertThat(job.finals(2).get(0).getRoute()).isEqualTo("large");
            assertThat(job.finals(2).get(0).getSignals().getSequenceEntropy()).isEqualTo(7.5);
        }
    }

    private static SequenceId id(long counter) {
        return Ids.sequenceId(Batches.GENERATOR, counter);
    }

    @Test
    void aConclusionSaysWhatToForceAndIsRepeatedWhileItsConditionHolds() throws Exception {
        try (SequenceHarness job = open(settings(CONCLUDE, Mode.ARMED))) {
            // Mean .5 at the sixth token, which is not below; 3/7 at the seventh.
            job.feed(batch(0).start(1).run(1, 0, token(3)).run(1, 1, same(5, 0)));
            assertThat(job.commands()).isEmpty();
            for (int i = 6; i < 30; i++) {
                job.feed(batch(i - 5).run(1, i, token(0)));
            }
            // From here on it does not hold: at token 38, where it would be said again, the mean is 43/39.
            job.feed(batch(25).run(1, 30, same(8, 5)));
            for (int i = 38; i < 60; i++) {
                job.feed(batch(i - 12).run(1, i, token(0)));
            }

            assertThat(job.rejected()).isEmpty();
            assertThat(job.commands()).extracting(Command::getSentAtToken).containsExactly(6, 22);
            assertThat(job.commands()).extracting(Command::getDecidedAtToken).containsOnly(6);
            assertThat(job.commands())
                    .extracting(Command::getCommandId)
                    .containsOnly(job.commands().get(0).getCommandId());
            Command command = job.commands().get(0);
            assertThat(command.getAction()).isEqualTo(Action.CONCLUDE);
            assertThat(command.getForcedText()).isEqualTo("So: ");
            assertThat(command.getForcedIds()).isEmpty();
            assertThat(command.getTargetRoute()).isNull();
            assertThat(command.getReason()).isEqualTo("mean_entropy 0.4286 below 0.5000 after 7 tokens");
            assertThat(job.metric("commands_total action=conclude mode=armed")).isEqualTo(2);
        }
    }

    @Test
    void aConclusionWaitsForItsMinimum() throws Exception {
        try (SequenceHarness job = open(settings(CONCLUDE, Mode.ARMED))) {
            job.feed(batch(0).start(1).run(1, 0, same(4, 0)));
            assertThat(job.commands()).isEmpty();
            job.feed(batch(1).run(1, 4, token(0)));
            assertThat(job.commands()).extracting(Command::getDecidedAtToken).containsExactly(4);
        }
    }

    @Test
    void outsideOfItsScopeEachSpeaksOnceAndInShadow() throws Exception {
        Rules rules =
                new Rules(List.of(new Rules.Setting(REROUTE, Mode.ARMED), new Rules.Setting(CONCLUDE, Mode.ARMED)));
        SequenceStart model = newStart(1);
        model.setModel("reasoner-l");
        SequenceStart kind = newStart(3);
        kind.setEntropyKind(new EntropyKind(Distribution.PROCESSED, Measurement.EXACT, 0));
        try (SequenceHarness job = open(WatchSettings.of(Scoring.DEFAULT, rules))) {
            // The first token brings the sum above 4 nats, the others the mean below half a nat.
            job.feed(
                    batch(0).start(model).start(startOn(2, "other")).start(kind).start(4));
            for (long counter = 1; counter <= 4; counter++) {
                job.feed(batch(counter).run(counter, 0, token(5)).run(counter, 1, same(60, 0)));
            }

            for (long counter = 1; counter <= 4; counter++) {
                CommandMode mode = counter == 4 ? CommandMode.ARMED : CommandMode.SHADOW;
                assertThat(commands(job, counter)).extracting(Command::getMode).containsOnly(mode);
                // Armed: at tokens 2, 18 and 34, and at 10, where the mean is 5/11 nats, 26 and 42.
                assertThat(commands(job, counter))
                        .extracting(Command::getAction)
                        .hasSize(counter == 4 ? 6 : 2)
                        .contains(Action.REROUTE, Action.CONCLUDE);
            }
        }
    }

    private static List<Command> commands(SequenceHarness job, long counter) {
        return job.commands().stream()
                .filter(command -> Ids.counter(command.getSequence()) == counter)
                .toList();
    }

    @Test
    void aRepeatAfterARestoreHasTheIdOfTheFirst() throws Exception {
        Rules rules =
                new Rules(List.of(new Rules.Setting(REROUTE, Mode.ARMED), new Rules.Setting(CONCLUDE, Mode.ARMED)));
        WatchSettings settings = WatchSettings.of(Scoring.DEFAULT, rules);
        List<Command> before;
        OperatorSubtaskState state;
        try (SequenceHarness job = open(settings)) {
            job.feed(batch(0).start(1).run(1, 0, token(5)).run(1, 1, same(12, 0)));
            before = job.commands();
            assertThat(before)
                    .extracting(Command::getAction, Command::getSentAtToken)
                    .containsExactly(tuple(Action.REROUTE, 2), tuple(Action.CONCLUDE, 10));
            state = job.snapshot();
        }
        try (SequenceHarness job = restore(settings, state, 0)) {
            job.feed(batch(1).run(1, 13, same(20, 0)));

            assertThat(job.commands())
                    .extracting(Command::getAction, Command::getSentAtToken, Command::getCommandId)
                    .containsExactly(
                            tuple(Action.REROUTE, 18, before.get(0).getCommandId()),
                            tuple(Action.CONCLUDE, 26, before.get(1).getCommandId()));
        }
    }
}
