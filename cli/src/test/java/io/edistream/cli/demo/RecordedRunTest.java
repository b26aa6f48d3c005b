package io.edistream.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.edistream.schemas.Action;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.OutcomeKind;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.TokenClass;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.TokenRun;
import io.edistream.signals.Catalogue;
import io.edistream.signals.Scoring;
import io.edistream.signals.Token;
import io.edistream.signals.batch.BatchScores;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecordedRunTest {

    private static final double ROUNDING = 1e-9;
    private static final Scoring OPTIONS = Scoring.DEFAULT;
    private static final List<Token> TOKENS = List.of(token(0), token(3), token(0.5));

    private final RecordedRun run = new RecordedRun();

    @Test
    void isCompleteOnceEverySequenceHasItsScoreAndEveryCommandItsOutcome() throws InterruptedException {
        record(1, 1, "7", true);
        assertThat(run.isComplete(1)).isFalse();
        run.onScore(LoopRecords.finalScore(1, 3, BatchScores.of(TOKENS, OPTIONS, Catalogue.NO_CLASS), 1));
        assertThat(run.isComplete(1)).isFalse();
        run.onCommand(LoopRecords.abort(1, 1));
        assertThat(run.isComplete(1)).isFalse();
        assertThat(run.awaitComplete(1, Duration.ZERO)).isFalse();
        run.onOutcome(LoopRecords.outcome(1, OutcomeKind.TOO_LATE, 1, 3, 0));
        assertThat(run.isComplete(1)).isTrue();
        run.onCommand(LoopRecords.abort(1, 1));
        assertThat(run.isComplete(1)).as("a copy lacks its outcome").isFalse();
        run.onOutcome(LoopRecords.outcome(1, OutcomeKind.TOO_LATE, 1, 3, 0));
        assertThat(run.isComplete(1)).isTrue();
        assertThat(run.isComplete(2)).isFalse();
        assertThat(run.awaitComplete(1, Duration.ZERO)).isTrue();
        assertThat(run.progress()).startsWith("1 sequences started, 1 finished, 1 final scores, 1 of 1 commands");
    }

    @Test
    void whoeverWaitsIsToldAtOnceThatNothingMoreCanCome() {
        run.onFailure(new java.io.IOException("broker gone"));
        assertThatThrownBy(() -> run.awaitComplete(1, Duration.ofMinutes(1)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("broker gone");
    }

    @Test
    void tokensWithoutTheirStartAreNamed() {
        assertThatThrownBy(() -> run.onStep(LoopRecords.decoded(3, 0, 1)))
                .hasMessageContaining("tokens of sequence 3 came without its start");
    }

    @Test
    void aScoreThatDiffersInTheLastBitIsFound() {
        record(1, 1, "7", true);
        record(2, 1, "7", true);
        Map<String, Double> right = BatchScores.of(TOKENS, OPTIONS, Catalogue.NO_CLASS);
        Map<String, Double> wrong = new HashMap<>(right);
        wrong.computeIfPresent("edis", (name, value) -> Math.nextUp(value));
        run.onScore(LoopRecords.finalScore(1, 3, right, 0));
        run.onScore(LoopRecords.finalScore(2, 3, wrong, 0));

        ScoreCheck check = ScoreCheck.of(run.sequences(), OPTIONS);
        assertThat(check.checked()).isEqualTo(2);
        assertThat(check.mismatches()).hasSize(1).first().asString().startsWith("sequence 2: edis was published as");
    }

    @Test
    void aSignalThatHasNoValueOrIsMissingIsFound() {
        record(1, 1, "7", true);
        record(2, 1, "7", true);
        Map<String, Double> tooMany = new HashMap<>(BatchScores.of(TOKENS, OPTIONS, Catalogue.NO_CLASS));
        tooMany.put("class_result.edis", 0.0);
        Map<String, Double> tooFew = new HashMap<>(BatchScores.of(TOKENS, OPTIONS, Catalogue.NO_CLASS));
        tooFew.remove("perplexity");
        run.onScore(LoopRecords.finalScore(1, 3, tooMany, 0));
        run.onScore(LoopRecords.finalScore(2, 3, tooFew, 0));
        assertThat(ScoreCheck.of(run.sequences(), OPTIONS).mismatches())
                .hasSize(2)
                .anyMatch(sentence -> sentence.contains("have no value"))
                .anyMatch(sentence -> sentence.contains("perplexity was published as null"));
    }

    @Test
    void unmeasuredTokensAndTheirClassesAreScoredAsTheJobDoes() {
        Scoring scoring = OPTIONS.withTrackedClass("result");
        List<Token> tokens = List.of(
                new Token(0.5, Token.UNMEASURED, -1, 5, 1),
                new Token(Token.UNMEASURED, Token.UNMEASURED, Token.UNMEASURED, Token.UNMEASURED, 0),
                new Token(3, Token.UNMEASURED, -0.5, 4, 1));
        run.onStep(LoopRecords.started(1, 1));
        TokenEntropyBatch step = LoopRecords.step();
        // Two runs, so that the places of the second one are not its indexes; token 2 never comes.
        step.setRuns(List.of(new TokenRun(1L, 0, 2), new TokenRun(1L, 3, 1)));
        step.setEntropies(LoopRecords.floats(0.5, Double.NaN, 3));
        step.setLogprobs(LoopRecords.floats(-1, Double.NaN, -0.5));
        step.setConfidences(LoopRecords.floats(5, Double.NaN, 4));
        step.setTokenClasses(List.of(new TokenClass(0, 1), new TokenClass(2, 1)));
        run.onStep(step);
        run.onStep(LoopRecords.decoded(1, 0, 9, 9));
        run.onStep(LoopRecords.ended(1, 6, FinishReason.ABORTED, null, null));
        Score score = LoopRecords.finalScore(1, 3, BatchScores.of(tokens, scoring, 1), 0);
        score.setUnmeasured(1);
        // Token 2, and tokens 4 and 5, of which only the finish speaks.
        score.setMissing(3);
        run.onScore(score);
        assertThat(score.getClassSignals()).hasSize(1);
        assertThat(ScoreCheck.of(run.sequences(), scoring).mismatches()).isEmpty();

        score.setMissing(2);
        assertThat(ScoreCheck.of(run.sequences(), scoring).mismatches())
                .containsExactly("sequence 1: missing was published as 2.0, computed in batch it is 3.0");
        score.setMissing(3);
        score.setUnmeasured(0);
        assertThat(ScoreCheck.of(run.sequences(), scoring).mismatches())
                .containsExactly("sequence 1: unmeasured was published as 0.0, computed in batch it is 1.0");
        score.setUnmeasured(1);
        score.setClassSignals(List.of());
        assertThat(ScoreCheck.of(run.sequences(), scoring).mismatches()).hasSize(1);
    }

    @Test
    void copiesOfACommandAreOneDecision() {
        record(1, 1, "7", true);
        record(2, 2, "7", true);
        for (OutcomeKind kind : List.of(OutcomeKind.REFUSED, OutcomeKind.APPLIED, OutcomeKind.DUPLICATE)) {
            run.onCommand(LoopRecords.abort(1, 1));
            run.onOutcome(LoopRecords.outcome(1, kind, 1, 3, 0));
        }
        for (OutcomeKind kind : List.of(OutcomeKind.REFUSED, OutcomeKind.TOO_LATE)) {
            run.onCommand(LoopRecords.abort(2, 1));
            run.onOutcome(LoopRecords.outcome(2, kind, 1, 3, 0));
        }
        DemoReport report = DemoReport.of(run, ScoreCheck.of(run.sequences(), OPTIONS), 2, 1);
        assertThat(report.commands()).containsExactly(Map.entry(Action.ABORT, 2L));
        assertThat(report.commandRepeats()).isEqualTo(3);
        assertThat(report.outcomes())
                .containsOnly(Map.entry(OutcomeKind.APPLIED, 1L), Map.entry(OutcomeKind.REFUSED, 1L));
    }

    @Test
    void rejectionsThatStandForManyAreCountedAsMany() {
        run.onRejected(rejected(1));
        run.onRejected(rejected(40));
        assertThat(DemoReport.of(run, ScoreCheck.of(run.sequences(), OPTIONS), 1, 1)
                        .rejected())
                .isEqualTo(41);
    }

    private static Rejected rejected(long count) {
        Rejected rejected = new Rejected();
        rejected.setCount(count);
        return rejected;
    }

    @Test
    void theReportCountsVotesOfSequencesThatEndedByThemselves() {
        record(1, 1, "7", true);
        record(2, 1, "7", true);
        record(3, 1, "8", false);
        record(4, 4, "5", false);
        run.onStep(LoopRecords.started(5, 4));
        run.onStep(LoopRecords.decoded(5, 0, 0, 3, 0.5));
        run.onStep(LoopRecords.ended(5, 3, FinishReason.ABORTED, null, false));
        run.onCommand(LoopRecords.abort(5, 0));
        run.onOutcome(LoopRecords.outcome(5, OutcomeKind.APPLIED, 0, 3, 4_500));

        DemoReport report = DemoReport.of(run, ScoreCheck.of(run.sequences(), OPTIONS), 2, 0.5);
        assertThat(report.accuracy()).isEqualTo(0.5);
        assertThat(report.sequenceAccuracy()).isEqualTo(0.5);
        assertThat(report.sequences()).isEqualTo(5);
        assertThat(report.tokensGenerated()).isEqualTo(15);
        assertThat(report.tokensPerSecond()).isCloseTo(30, within(ROUNDING));
        assertThat(report.commands()).containsExactly(Map.entry(Action.ABORT, 1L));
        assertThat(report.outcomes()).containsExactly(Map.entry(OutcomeKind.APPLIED, 1L));
        assertThat(report.reactionTokens()).isEqualTo(new Percentiles(2.0, 2.0));
        assertThat(report.reactionMs()).isEqualTo(new Percentiles(4.5, 4.5));
    }

    @Test
    void tokensThatABranchSharesAreCountedOnce() {
        record(1, 1, "7", true);
        run.onStep(LoopRecords.branched(2, 1, 2));
        run.onStep(LoopRecords.decoded(2, 0, 0, 3));
        run.onStep(LoopRecords.decoded(2, 2, 1));
        run.onStep(LoopRecords.ended(2, 3, FinishReason.END_OF_SEQUENCE, "8", false));
        assertThat(DemoReport.of(run, ScoreCheck.of(run.sequences(), OPTIONS), 1, 1)
                        .tokensGenerated())
                .isEqualTo(4);
    }

    @Test
    void percentilesAreOfTheNearestRank() {
        assertThat(Percentiles.of(List.of(5.0, 1.0, 3.0, 2.0, 4.0))).isEqualTo(new Percentiles(3.0, 5.0));
        assertThat(Percentiles.of(List.of())).isEqualTo(new Percentiles(null, null));
    }

    private static Token token(double entropyNats) {
        return new Token(entropyNats, Token.UNMEASURED, -1, 5, 0);
    }

    private void record(long sequence, long group, String answer, boolean correct) {
        run.onStep(LoopRecords.started(sequence, group));
        run.onStep(LoopRecords.decoded(sequence, 0, 0, 3));
        run.onStep(LoopRecords.decoded(sequence, 2, 0.5));
        run.onStep(LoopRecords.ended(sequence, 3, FinishReason.END_OF_SEQUENCE, answer, correct));
    }
}
