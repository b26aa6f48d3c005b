package io.edistream.jobs.sequences;

import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.newStart;
import static io.edistream.jobs.Batches.random;
import static io.edistream.jobs.Batches.token;
import static io.edistream.jobs.Batches.tokens;
import static io.edistream.jobs.Batches.unmeasured;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.jobs.Batches;
import io.edistream.jobs.Batches.Sample;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.schemas.Action;
import io.edistream.schemas.Bound;
import io.edistream.schemas.ClassSignals;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandMode;
import io.edistream.schemas.Distribution;
import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.Ids;
import io.edistream.schemas.Measurement;
import io.edistream.schemas.Mode;
import io.edistream.schemas.ReadPosition;
import io.edistream.schemas.RuleInForce;
import io.edistream.schemas.Score;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.Spike;
import io.edistream.schemas.SpikeKind;
import io.edistream.signals.Scoring;
import io.edistream.signals.monitor.SequenceMonitor;
import io.edistream.signals.rules.Act;
import io.edistream.signals.rules.LimitScope;
import io.edistream.signals.rules.RuleKey;
import io.edistream.signals.rules.Rules;
import io.edistream.signals.rules.Threshold;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of records that are as they should be. */
class SequenceOperatorTest extends OperatorTest {

    private static final LimitScope SCOPE = LimitScope.ofModels("reasoner-s");
    private static final Scoring EAGER = new Scoring(1, 1.36, 1.33, "");

    @Test
    void scoresWhileRunningEveryIntervalAndAtTheEnd() throws Exception {
        List<Sample> tokens = tokens(new double[40]);
        SequenceStart start = newStart(7);
        start.setRequest("ticket 12");
        try (SequenceHarness job = open()) {
            job.feed(batch(0).start(start).run(7, 0, tokens.subList(0, 10)));
            job.feed(batch(1).run(7, 10, tokens.subList(10, 40)));
            job.feed(batch(2).finish(7, 40, FinishReason.LENGTH, true));

            assertThat(job.scores()).extracting(Score::getTokens).containsExactly(16, 32, 40);
            assertThat(job.scores()).extracting(Score::getFinal$).containsExactly(false, false, true);
            Score last = job.scores().get(2);
            assertThat(last.getSequence()).isEqualTo(Ids.sequenceId(Batches.GENERATOR, 7));
            assertThat(last.getModel()).isEqualTo("reasoner-s");
            assertThat(last.getRoute()).isEqualTo("default");
            assertThat(last.getRequest()).isEqualTo("ticket 12");
            assertThat(last.getEntropyKind()).isEqualTo(new EntropyKind(Distribution.RAW, Measurement.EXACT, 0));
            assertThat(last.getFinishReason()).isEqualTo(FinishReason.LENGTH);
            assertThat(last.getLabel().getCorrect()).isTrue();
            assertThat(last.getLastToken()).isEqualTo(39);
            assertThat(last.getMissing()).isZero();
            assertThat(last.getUnmeasured()).isZero();
            assertThat(last.getClosedByClock()).isFalse();
            assertThat(last.getCutBy()).isEmpty();
            assertThat(last.getDecodedAtMicros()).isEqualTo(1_000_100);
            assertThat(last.getSignals().getMeanEntropy()).isZero();
            assertThat(last.getSignals().getEntropyGap()).as("of an exact kind").isNull();
            assertThat(last.getClassSignals()).isEmpty();
            assertThat(job.scores().get(0).getFinishReason()).isEqualTo(FinishReason.UNKNOWN);
            assertThat(job.scores().get(0).getLabel()).isNull();
            assertThat(job.rejected()).isEmpty();
        }
    }

    @Test
    void aSequenceWithoutTokensHasAFinalScoreWithoutSignals() throws Exception {
        try (SequenceHarness job = open()) {
            job.feed(batch(0).start(1).finish(1, 0, FinishReason.ERROR, null));

            Score last = job.finals(1).get(0);
            assertThat(last.getSignals()).isEqualTo(new io.edistream.schemas.Signals());
            assertThat(last.getTokens()).isZero();
            assertThat(last.getLastToken()).isEqualTo(-1);
            assertThat(last.getLabel()).isNull();
        }
    }

    @Test
    void unmeasuredTokensCountAndChangeNoSignal() throws Exception {
        try (SequenceHarness job = open()) {
            job.feed(batch(0).start(1).start(2).start(3));
            job.feed(batch(1).run(1, 0, token(1), unmeasured(), token(3), unmeasured())
                    .run(2, 0, token(1), token(3)));
            job.feed(batch(2).bareRun(3, 0, 20));
            job.feed(batch(3).finish(1, 4).finish(2, 2).finish(3, 20));

            assertThat(job.rejected()).isEmpty();
            Score with = job.finals(1).get(0);
            assertThat(with.getTokens()).isEqualTo(4);
            assertThat(with.getUnmeasured()).isEqualTo(2);
            assertThat(with.getMissing()).isZero();
            assertThat(with.getSignals()).isEqualTo(job.finals(2).get(0).getSignals());
            assertThat(with.getSignals().getMeanEntropy()).isEqualTo(2);
            Score bare = job.finals(3).get(0);
            assertThat(bare.getTokens()).isEqualTo(20);
            assertThat(bare.getUnmeasured()).isEqualTo(20);
            assertThat(bare.getSignals()).isEqualTo(new io.edistream.schemas.Signals());
            assertThat(job.scores(3)).as("one within the run, one at the end").hasSize(2);
            assertThat(job.metric("unmeasured_tokens_total")).isEqualTo(22);
        }
    }

    @Test
    void aTrackedClassIsFoundByItsNameInEachStart() throws Exception {
        SequenceStart other = newStart(2);
        other.setTokenClasses(List.of("other", "result", "digit"));
        SequenceStart without = newStart(3);
        without.setTokenClasses(List.of());
        try (SequenceHarness job = open(WatchSettings.of(Scoring.DEFAULT.withTrackedClass("digit"), Rules.NONE))) {
            job.feed(batch(0).start(1).start(other).start(without));
            job.feed(batch(1).run(1, 0, token(1, -1, 4, 1), token(3, -1, 4, 2))
                    .run(2, 0, token(1, -1, 4, 1), token(3, -1, 4, 2))
                    .run(3, 0, token(1), token(3)));
            job.feed(batch(2).finish(1, 2).finish(2, 2).finish(3, 2));

            assertThat(classMean(job, 1)).isEqualTo(1);
            assertThat(classMean(job, 2)).isEqualTo(3);
            assertThat(job.finals(3).get(0).getClassSignals()).isEmpty();
            assertThat(job.finals())
                    .allSatisfy(score ->
                            assertThat(score.getSignals().getMeanEntropy()).isEqualTo(2));
        }
    }

    private static double classMean(SequenceHarness job, long counter) {
        ClassSignals signals = job.finals(counter).get(0).getClassSignals().get(0);
        assertThat(signals.getTokenClass()).isEqualTo("digit");
        return signals.getSignals().getMeanEntropy();
    }

    @Test
    void writesOneSpikePerBurstAndRebound() throws Exception {
        try (SequenceHarness job = open(WatchSettings.of(EAGER, Rules.NONE))) {
            job.feed(batch(5).start(1).run(1, 0, tokens(0, 2, 0, 0, 3)));

            assertThat(job.spikes()).extracting(Spike::getToken).containsExactly(1, 1, 4, 4);
            assertThat(job.spikes())
                    .extracting(Spike::getKind)
                    .containsExactlyInAnyOrder(SpikeKind.BURST, SpikeKind.REBOUND, SpikeKind.BURST, SpikeKind.REBOUND);
            Spike burst = job.spikes().stream()
                    .filter(spike -> spike.getToken() == 4 && spike.getKind() == SpikeKind.BURST)
                    .findFirst()
                    .orElseThrow();
            assertThat(burst.getEntropy()).isEqualTo(3);
            assertThat(burst.getBaseline()).isZero();
            assertThat(burst.getThreshold()).isEqualTo(1.36);
            assertThat(burst.getDecodedAtMicros()).isEqualTo(1_000_500);
        }
    }

    @Test
    void spikesHaveABudgetPerSequenceAndTheScoreSaysWhenItCut() throws Exception {
        int max = SequenceMonitor.MAX_SPIKES;
        try (SequenceHarness job = open(WatchSettings.of(EAGER, Rules.NONE))) {
            // Every second token is a burst and a rebound.
            job.feed(batch(0).start(1).start(2));
            job.feed(batch(1).run(1, 0, sawtooth(max)).run(2, 0, sawtooth(max + 2)));
            job.feed(batch(2).finish(1, max).finish(2, max + 2));

            assertThat(job.spikes()).hasSize(2 * max);
            assertThat(job.finals(1).get(0).getCutBy()).isEmpty();
            assertThat(job.finals(2).get(0).getCutBy()).containsExactly(Bound.SPIKES);
            assertThat(job.finals(2).get(0).getSignals().getRebound())
                    .as("all count")
                    .isEqualTo(max / 2 + 1);
        }
    }

    private static List<Sample> sawtooth(int length) {
        List<Sample> tokens = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            tokens.add(token(i % 2 == 0 ? 0 : 3));
        }
        return tokens;
    }

    @Test
    void anArmedRuleCommandsWhatItsLimitWasSetForAndShadowsTheRest() throws Exception {
        Threshold rule = Threshold.above(new RuleKey("stop", 3), SCOPE, "mean_entropy", 1, new Act.Abort(true))
                .from(2);
        try (SequenceHarness job = open(settings(rule, io.edistream.signals.rules.Mode.ARMED))) {
            SequenceStart model = newStart(2);
            model.setModel("reasoner-l");
            SequenceStart kind = newStart(3);
            kind.setEntropyKind(new EntropyKind(Distribution.PROCESSED, Measurement.EXACT, 0));
            job.feed(batch(0).start(1).start(model).start(kind));
            job.feed(batch(1).run(1, 0, tokens(2, 2, 2))
                    .run(2, 0, tokens(2, 2, 2))
                    .run(3, 0, tokens(2, 2, 2)));
            job.feed(batch(2).finish(1, 3));

            assertThat(job.commands())
                    .extracting(Command::getMode)
                    .containsExactly(CommandMode.ARMED, CommandMode.SHADOW, CommandMode.SHADOW);
            Command command = job.commands().get(0);
            assertThat(command.getAction()).isEqualTo(Action.ABORT);
            assertThat(command.getRule()).isEqualTo("stop");
            assertThat(command.getRevision()).isEqualTo(3);
            assertThat(command.getModel()).isEqualTo("reasoner-s");
            assertThat(command.getRoute()).isEqualTo("default");
            assertThat(command.getDecidedAtToken()).isEqualTo(1);
            assertThat(command.getDecodedAtMicros()).isEqualTo(1_000_100);
            assertThat(command.getSentAtToken()).isEqualTo(1);
            assertThat(command.getSentTokenAtMicros()).isEqualTo(1_000_100);
            assertThat(command.getReason()).isEqualTo("mean_entropy 2.000 above 1.000 after 2 tokens");
            assertThat(command.getBranchAtToken()).isNull();
            assertThat(command.getSpareLast()).isTrue();
            assertThat(job.finals(1).get(0).getDecisions()).isEqualTo(1);
            assertThat(job.metric("commands_total action=abort mode=armed")).isEqualTo(1);
            assertThat(job.metric("commands_total action=abort mode=shadow")).isEqualTo(2);
        }
    }

    @Test
    void anAbortIsRepeatedUnderItsFirstIdWhileItsConditionHolds() throws Exception {
        Threshold rule = Threshold.above(new RuleKey("stop", 1), SCOPE, "mean_entropy", 1, new Act.Abort(true));
        try (SequenceHarness job = open(settings(rule, io.edistream.signals.rules.Mode.ARMED))) {
            job.feed(batch(0).start(1).run(1, 0, tokens(0, 0)));
            for (int i = 2; i < 100; i++) {
                job.feed(batch(i).run(1, i, token(3)));
            }

            // (3 * 2) / 4 is the first mean above 1.
            assertThat(job.commands()).extracting(Command::getSentAtToken).containsExactly(3, 19, 35, 67);
            assertThat(job.commands()).extracting(Command::getDecidedAtToken).containsOnly(3);
            assertThat(job.commands()).extracting(Command::getDecodedAtMicros).containsOnly(1_000_300L);
            assertThat(job.commands())
                    .extracting(Command::getSentTokenAtMicros)
                    .containsExactly(1_000_300L, 1_001_900L, 1_003_500L, 1_006_700L);
            assertThat(job.commands())
                    .extracting(Command::getCommandId)
                    .containsOnly(job.commands().get(0).getCommandId());
        }
    }

    @Test
    void aBranchCommandSaysWhereAndHowWide() throws Exception {
        Threshold rule =
                Threshold.above(new RuleKey("fork", 1), SCOPE, Threshold.NEWEST_ENTROPY, 1.5, new Act.Branch(3, 8));
        try (SequenceHarness job = open(settings(rule, io.edistream.signals.rules.Mode.SHADOW))) {
            job.feed(batch(0).start(1).run(1, 0, tokens(0, 2, 2)));

            assertThat(job.commands()).hasSize(1);
            Command command = job.commands().get(0);
            assertThat(command.getAction()).isEqualTo(Action.BRANCH);
            assertThat(command.getMode()).isEqualTo(CommandMode.SHADOW);
            assertThat(command.getBranchAtToken()).isEqualTo(1);
            assertThat(command.getBranchWidth()).isEqualTo(3);
            assertThat(command.getMaxLeaves()).isEqualTo(8);
        }
    }

    @Test
    void tokensThatAForkSharesWithItsParentCountButLeadToNothing() throws Exception {
        Threshold rule = Threshold.above(
                        new RuleKey("fork", 1), SCOPE, Threshold.NEWEST_ENTROPY, 1.5, new Act.Branch(2, 8))
                .atMost(9);
        SequenceStart child = newStart(2);
        child.setParent(1L);
        child.setForkToken(20);
        try (SequenceHarness job = open(settings(rule, io.edistream.signals.rules.Mode.ARMED))) {
            List<Sample> shared = new ArrayList<>(tokens(new double[20]));
            shared.set(5, token(3));
            job.feed(batch(0).start(child).run(2, 0, shared));

            assertThat(job.scores()).isEmpty();
            assertThat(job.spikes()).isEmpty();
            assertThat(job.commands()).isEmpty();

            job.feed(batch(1).run(2, 20, tokens(3, 3)).finish(2, 22));

            assertThat(job.commands()).extracting(Command::getDecidedAtToken).containsExactly(21);
            assertThat(job.spikes()).extracting(Spike::getToken).containsOnly(21);
            assertThat(job.finals(2).get(0).getTokens()).isEqualTo(22);
        }
    }

    @Test
    void gapsAndTokensMissingAtTheEndAreCounted() throws Exception {
        try (SequenceHarness job = open()) {
            job.feed(batch(0).start(1).run(1, 0, tokens(0, 0)).run(1, 5, tokens(0)));
            job.feed(batch(1).finish(1, 10));

            Score last = job.finals(1).get(0);
            assertThat(last.getTokens()).isEqualTo(3);
            assertThat(last.getLastToken()).isEqualTo(5);
            assertThat(last.getMissing()).isEqualTo(3 + 4);
            assertThat(job.metric("missing_tokens_total")).isEqualTo(7);
            assertThat(job.rejected()).isEmpty();
        }
    }

    @Test
    void startsMayComeOutOfOrder() throws Exception {
        try (SequenceHarness job = open()) {
            for (long counter : new long[] {5, 3, 70_000, 69_000, 4_465}) {
                job.feed(batch(counter).start(counter).finish(counter, 0));
            }

            assertThat(job.rejected()).isEmpty();
            assertThat(job.finals()).hasSize(5);
        }
    }

    @Test
    void sourcesDoNotMeet() throws Exception {
        try (SequenceHarness job = open()) {
            job.feed(batch(1, 0).start(7).run(7, 0, tokens(1, 1)));
            job.feed(batch(2, 0).start(7).run(7, 0, tokens(3)));
            job.feed(batch(1, 1).finish(7, 2));
            job.feed(batch(2, 1).finish(7, 1));

            assertThat(job.finals())
                    .extracting(Score::getSequence)
                    .containsExactly(Ids.sequenceId(1, 7), Ids.sequenceId(2, 7));
            assertThat(job.finals())
                    .extracting(score -> score.getSignals().getMeanEntropy())
                    .containsExactly(1.0, 3.0);
            assertThat(job.rejected()).isEmpty();
        }
    }

    @Test
    void heartbeatsTellWhoRunsAndHowFarItHasCome() throws Exception {
        Threshold rule = Threshold.above(new RuleKey("stop", 4), SCOPE, "edis", 1, new Act.Abort(true));
        try (SequenceHarness job = open(settings(rule, io.edistream.signals.rules.Mode.ARMED))) {
            job.feed(batch(0).start(1)).feed(batch(1).run(1, 0, token(1)));
            job.pass(2 * SequenceOperator.TICK_MILLIS);

            assertThat(job.heartbeats()).hasSize(2);
            Heartbeat beat = job.heartbeats().get(1);
            assertThat(beat.getJobName()).isEqualTo("test");
            assertThat(beat.getJobId()).isNotBlank();
            assertThat(beat.getSentAtMicros()).isEqualTo(2 * SequenceOperator.TICK_MILLIS * 1_000);
            assertThat(beat.getModes()).containsExactly(new RuleInForce("stop", 4, Mode.ARMED));
            assertThat(beat.getPositions()).containsExactly(new ReadPosition(3, 2L));
            assertThat(beat.getTasks()).isEqualTo(1);
        }
    }

    @Test
    void nothingIsLeftOfManySequences() throws Exception {
        try (SequenceHarness job = open(WatchSettings.DEFAULT
                .withIdleTimeout(java.time.Duration.ofSeconds(9))
                .withRetention(java.time.Duration.ofSeconds(20)))) {
            for (int i = 0; i < 200; i++) {
                job.at(i).feed(batch(i).start(i).run(i, 0, random(i, 5)));
                if (i % 3 > 0) {
                    job.feed(batch(i).finish(i, 5));
                }
                job.feed(batch(77 + i, i).run(1_000_000 + i, 0, tokens(0)));
            }
            assertThat(job.statesLeft())
                    .as("sequences that run, and their source")
                    .isEqualTo(67 + 1);
            assertThat(job.timersLeft()).as("of their source").isEqualTo(1);

            job.nothingToRead().pass(11_000);
            assertThat(job.finals()).hasSize(200);
            assertThat(job.statesLeft()).as("the source").isEqualTo(1);

            job.pass(22_000);
            assertThat(job.statesLeft()).isZero();
            assertThat(job.timersLeft()).isZero();
        }
    }
}
