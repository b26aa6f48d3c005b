package io.edistream.jobs.sequences;

import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.newStart;
import static io.edistream.jobs.Batches.random;
import static io.edistream.jobs.Batches.token;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.jobs.Batches;
import io.edistream.schemas.Action;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandMode;
import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.Spike;
import io.edistream.schemas.SpikeKind;
import io.edistream.schemas.Token;
import io.edistream.signals.Scoring;
import io.edistream.signals.monitor.Policy;
import io.edistream.signals.rules.AbortAbove;
import io.edistream.signals.rules.BranchAbove;
import io.edistream.signals.rules.Rule;
import io.edistream.signals.rules.RuleHeader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SequenceOperatorTest {

    private static final long IDLE = SequenceSettings.DEFAULT_IDLE_TIMEOUT.toMillis();
    private static final long MEMORY = SequenceSettings.DEFAULT_FINISHED_MEMORY.toMillis();

    @Test
    void scoresWhileRunningEveryIntervalAndAtTheEnd() throws Exception {
        List<Token> tokens = random(1, 40);
        try (SequenceHarness job = SequenceHarness.open()) {
            job.feed(batch(0).start(7).run(7, 0, tokens.subList(0, 10)));
            job.feed(batch(1).run(7, 10, tokens.subList(10, 40)));
            job.feed(batch(2).finish(7, 40, FinishReason.LENGTH, true));

            assertThat(job.scores()).extracting(Score::getTokens).containsExactly(16, 32, 40);
            assertThat(job.scores()).extracting(Score::getFinal$).containsExactly(false, false, true);
            Score last = job.scores().get(2);
            assertThat(last.getSequence()).isEqualTo(Ids.sequenceId(Batches.GENERATOR, 7));
            assertThat(last.getModel()).isEqualTo("reasoner-s");
            assertThat(last.getRoute()).isEqualTo("default");
            assertThat(last.getEntropyKind()).isEqualTo(EntropyKind.FULL_VOCAB_RAW);
            assertThat(last.getFinishReason()).isEqualTo(FinishReason.LENGTH);
            assertThat(last.getCorrect()).isTrue();
            assertThat(last.getLastToken()).isEqualTo(39);
            assertThat(last.getMissingTokens()).isZero();
            assertThat(last.getDecodedAtMicros()).isEqualTo(1_000_100);
            List<String> names =
                    new ArrayList<>(SequenceHarness.POLICY.catalogue().names());
            names.remove("entropy_gap");
            assertThat(last.getSignals()).containsOnlyKeys(names);
            assertThat(job.scores().get(0).getFinishReason()).isEqualTo(FinishReason.UNKNOWN);
            assertThat(job.rejected()).isEmpty();
        }
    }

    @Test
    void aSequenceWithoutTokensHasAFinalScoreWithoutSignals() throws Exception {
        try (SequenceHarness job = SequenceHarness.open()) {
            job.feed(batch(0).start(1).finish(1, 0, FinishReason.ERROR, null));

            Score last = job.finals(1).get(0);
            assertThat(last.getSignals()).isEmpty();
            assertThat(last.getTokens()).isZero();
            assertThat(last.getLastToken()).isEqualTo(-1);
            assertThat(last.getCorrect()).isNull();
        }
    }

    @Test
    void writesOneSpikePerBurstAndRebound() throws Exception {
        try (SequenceHarness job = SequenceHarness.open(
                SequenceSettings.of(new Policy(new Scoring(1, 1.36, 1.33, Scoring.NO_CLASS), List.of())))) {
            job.feed(batch(5).start(1).run(1, 0, entropies(0, 2, 0, 0, 3)));

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
    void anArmedRuleCommandsModelsThatItWasCalibratedOnAndShadowsOthers() throws Exception {
        try (SequenceHarness job = SequenceHarness.open(settings(
                new AbortAbove(new RuleHeader("stop", 3, true, Set.of("reasoner-s")), "mean_entropy", 1, 2)))) {
            SequenceStart other = newStart(2);
            other.setModel("reasoner-l");
            job.feed(batch(0).start(1).start(other));
            job.feed(batch(1).run(1, 0, entropies(2, 2, 2)).run(2, 0, entropies(2, 2, 2)));
            job.feed(batch(2).finish(1, 3));

            assertThat(job.commands())
                    .extracting(Command::getMode)
                    .containsExactly(CommandMode.ARMED, CommandMode.SHADOW);
            Command command = job.commands().get(0);
            assertThat(command.getAction()).isEqualTo(Action.ABORT);
            assertThat(command.getRule()).isEqualTo("stop");
            assertThat(command.getRuleVersion()).isEqualTo(3);
            assertThat(command.getDecidedAtToken()).isEqualTo(1);
            assertThat(command.getDecodedAtMicros()).isEqualTo(1_000_100);
            assertThat(command.getReason()).contains("mean_entropy 2.0", "after 2 tokens");
            assertThat(command.getBranchAtToken()).isNull();
            assertThat(command.getSpareLast()).isTrue();
            assertThat(job.finals(1).get(0).getCommands()).isEqualTo(1);
        }
    }

    @Test
    void aBranchCommandSaysWhereAndHowWide() throws Exception {
        try (SequenceHarness job = SequenceHarness.open(
                settings(new BranchAbove(new RuleHeader("fork", 1, false, Set.of()), 1.5, 3, 8, 1)))) {
            job.feed(batch(0).start(1).run(1, 0, entropies(0, 2, 2)));

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
        SequenceStart child = newStart(2);
        child.setParent(1L);
        child.setForkToken(20);
        try (SequenceHarness job = SequenceHarness.open(
                settings(new BranchAbove(new RuleHeader("fork", 1, false, Set.of()), 1.5, 2, 8, 9)))) {
            List<Token> shared = entropies(new double[20]);
            shared.set(5, token(3));
            job.feed(batch(0).start(child).run(2, 0, shared));

            assertThat(job.scores()).isEmpty();
            assertThat(job.spikes()).isEmpty();
            assertThat(job.commands()).isEmpty();

            job.feed(batch(1).run(2, 20, entropies(3, 3)).finish(2, 22));

            assertThat(job.commands()).extracting(Command::getDecidedAtToken).containsExactly(21);
            assertThat(job.spikes()).extracting(Spike::getToken).containsOnly(21);
            assertThat(job.finals(2).get(0).getTokens()).isEqualTo(22);
        }
    }

    @Test
    void repeatedTokensAreDroppedAndRejectedOncePerRun() throws Exception {
        List<Token> tokens = random(2, 30);
        try (SequenceHarness job = SequenceHarness.open()) {
            job.feed(batch(0).start(1).run(1, 0, tokens.subList(0, 20)));
            job.feed(batch(1).run(1, 15, tokens.subList(15, 30)).finish(1, 30));

            assertThat(job.rejected()).hasSize(1);
            Rejected rejected = job.rejected().get(0);
            assertThat(rejected.getReason()).isEqualTo(RejectReason.REPEATED_TOKENS);
            assertThat(rejected.getToken()).isEqualTo(15);
            assertThat(rejected.getDetail()).contains("5 of the tokens 15 to 29 lie at or before token 19");
            assertThat(rejected.getPartition()).isEqualTo(3);
            assertThat(rejected.getOffset()).isEqualTo(1);
            assertThat(rejected.getTopic()).isEqualTo(SequenceHarness.TOPIC);
            assertThat(job.finals(1).get(0).getTokens()).isEqualTo(30);
            assertThat(job.finals(1).get(0).getMissingTokens()).isZero();
        }
    }

    /** They never came before, but scores have gone past them. */
    @Test
    void tokensThatFillAGapLateAreRejectedForWhatTheyAre() throws Exception {
        try (SequenceHarness job = SequenceHarness.open()) {
            job.feed(batch(0).start(1).run(1, 0, entropies(0, 0)).run(1, 5, entropies(0)));
            job.feed(batch(1).run(1, 2, entropies(0, 0, 0)));

            assertThat(job.rejected()).hasSize(1);
            assertThat(job.rejected().get(0).getReason()).isEqualTo(RejectReason.REPEATED_TOKENS);
            assertThat(job.rejected().get(0).getDetail())
                    .isEqualTo("3 of the tokens 2 to 4 lie at or before token 5, which was taken already: an index"
                            + " must be above every earlier one; ignored");
        }
    }

    @Test
    void gapsAndTokensMissingAtTheEndAreCounted() throws Exception {
        try (SequenceHarness job = SequenceHarness.open()) {
            job.feed(batch(0).start(1).run(1, 0, entropies(0, 0)).run(1, 5, entropies(0)));
            job.feed(batch(1).finish(1, 10));

            Score last = job.finals(1).get(0);
            assertThat(last.getTokens()).isEqualTo(3);
            assertThat(last.getLastToken()).isEqualTo(5);
            assertThat(last.getMissingTokens()).isEqualTo(3 + 4);
            assertThat(job.rejected()).isEmpty();
        }
    }

    @Test
    void anEndedSequenceIsRememberedAndThenForgotten() throws Exception {
        try (SequenceHarness job = SequenceHarness.open()) {
            job.at(1_000).feed(batch(0).start(1).run(1, 0, entropies(0)).finish(1, 1));
            assertThat(job.statesLeft()).isEqualTo(1);
            assertThat(job.timersLeft()).isEqualTo(1);

            job.at(999 + MEMORY).feed(batch(1).start(1).run(1, 1, entropies(0)).finish(1, 2));
            assertThat(job.rejected())
                    .extracting(Rejected::getReason)
                    .containsExactly(RejectReason.SECOND_START, RejectReason.AFTER_FINISH);
            assertThat(job.finals(1)).hasSize(1);

            job.at(1_000 + MEMORY);
            assertThat(job.statesLeft()).isZero();
            assertThat(job.timersLeft()).isZero();
        }
    }

    @Test
    void aSilentSequenceIsAbandonedAfterTheIdleTimeout() throws Exception {
        try (SequenceHarness job = SequenceHarness.open()) {
            job.at(0).feed(batch(0).start(1));
            job.at(100).feed(batch(1).run(1, 0, entropies(1, 2)));

            job.at(250_000).feed(batch(2).start(2));
            job.at(500_000).feed(batch(3).finish(2, 0));

            job.at(IDLE);
            assertThat(job.finals(1)).as("timer re-armed from the last event").isEmpty();
            assertThat(job.timersLeft()).isEqualTo(1);

            job.at(IDLE + 100);
            Score last = job.finals(1).get(0);
            assertThat(last.getFinishReason()).isEqualTo(FinishReason.ABANDONED);
            assertThat(last.getTokens()).isEqualTo(2);
            assertThat(last.getCorrect()).isNull();
            assertThat(job.statesLeft()).isZero();
            assertThat(job.timersLeft()).isZero();

            job.feed(batch(4).run(1, 2, entropies(1)));
            assertThat(job.rejected()).extracting(Rejected::getReason).containsExactly(RejectReason.UNKNOWN_SEQUENCE);
        }
    }

    @Test
    void aSequenceHasOneTimerHoweverManyTokens() throws Exception {
        try (SequenceHarness job = SequenceHarness.open()) {
            job.feed(batch(0).start(1));
            for (int i = 0; i < 100; i++) {
                job.at(i).feed(batch(1 + i).run(1, i, entropies(0)));
            }
            assertThat(job.timersLeft()).isEqualTo(1);
        }
    }

    @Test
    void nothingIsLeftOfManySequences() throws Exception {
        try (SequenceHarness job = SequenceHarness.open(
                new SequenceSettings(SequenceHarness.POLICY, 16, Duration.ofSeconds(9), Duration.ofSeconds(3)))) {
            for (int i = 0; i < 200; i++) {
                job.at(i).feed(batch(i).start(i).run(i, 0, random(i, 5)));
                if (i % 3 > 0) {
                    job.feed(batch(i).finish(i, 5));
                }
                job.feed(batch(i).run(1_000_000 + i, 0, entropies(0)));
            }
            assertThat(job.statesLeft()).as("of known and of homeless ones").isEqualTo(400);

            job.pass(9_000 + 200);
            assertThat(job.statesLeft()).isZero();
            assertThat(job.timersLeft()).isZero();
            assertThat(job.scores()).filteredOn(Score::getFinal$).hasSize(200);
        }
    }

    private static SequenceSettings settings(Rule... rules) {
        return SequenceSettings.of(new Policy(Scoring.DEFAULT, List.of(rules)));
    }

    private static List<Token> entropies(double... entropies) {
        return new ArrayList<>(Arrays.stream(entropies).mapToObj(Batches::token).toList());
    }
}
