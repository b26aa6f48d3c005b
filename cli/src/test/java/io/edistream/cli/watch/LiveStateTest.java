package io.edistream.cli.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.cli.Style;
import io.edistream.cli.UserError;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.OutcomeKind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LiveStateTest {

    private final List<LiveSequence> ended = new ArrayList<>();
    private final List<Decision> decided = new ArrayList<>();
    private final LiveState.Listener listener = new LiveState.Listener() {
        @Override
        public void onEnd(LiveSequence sequence) {
            ended.add(sequence);
        }

        @Override
        public void onDecision(Decision decision, @Nullable LiveSequence sequence) {
            decided.add(decision);
        }
    };
    private final LiveState state = state(100, Wanted.ALL, false);
    private final WatchLines lines = new WatchLines(120, new Style(false), true);

    @Test
    void aSequenceThatIsJoinedInTheMiddleHasQuestionMarksForWhatWasNotSeen() {
        state.onStep(LiveRecords.decoded(1, 5, 40, 3, ""), 0);

        LiveSequence joined = state.live().iterator().next();
        assertThat(joined.tokens()).isEqualTo(43);
        assertThat(joined.traced()).isEqualTo(3);
        assertThat(joined.model()).isNull();
        assertThat(lines.row(joined)).matches("0000000000000001-5 +running +\\? +43 ▃▃▃ +\\?");
        assertThat(state.totals().tokens()).isEqualTo(3);

        state.onScore(LiveRecords.score(1, 5, 2.5, FinishReason.UNKNOWN), 0);
        assertThat(lines.row(joined)).matches("0000000000000001-5 +running +reasoner-s +43 ▃▃▃ +2\\.5");
    }

    @Test
    void equalCountersOfTwoSourcesAreTwoSequences() {
        state.onStep(LiveRecords.started(1, 0, "one", null), 0);
        state.onStep(LiveRecords.started(2, 0, "two", null), 0);
        state.onStep(LiveRecords.decoded(1, 0, 0, 3, ""), 0);
        state.onStep(LiveRecords.decoded(2, 0, 0, 5, ""), 0);
        state.onScore(LiveRecords.score(1, 0, 1, FinishReason.END_OF_SEQUENCE), 0);
        state.onStep(LiveRecords.ended(1, 0, 3, null), 0);

        assertThat(ended).extracting(LiveSequence::key).containsExactly(new SequenceKey(1, 0));
        assertThat(state.live()).singleElement().satisfies(other -> {
            assertThat(other.key()).isEqualTo(new SequenceKey(2, 0));
            assertThat(other.model()).isEqualTo("two");
            assertThat(other.tokens()).isEqualTo(5);
        });
        assertThat(state.totals().sources()).isEqualTo(2);
    }

    @Test
    void tokensThatComeTwiceCountOnce() {
        state.onStep(LiveRecords.decoded(1, 0, 0, 3, ""), 0);
        state.onStep(LiveRecords.decoded(1, 0, 1, 4, ""), 0);

        assertThat(state.totals().tokens()).isEqualTo(5);
        assertThat(state.live()).first().satisfies(sequence -> assertThat(sequence.traced())
                .isEqualTo(5));
    }

    @Test
    void anEndWaitsForTheScoreSoLongAndNoLonger() {
        state.onStep(LiveRecords.ended(1, 0, 3, null), 0);
        state.onTime(LiveState.GRACE_NANOS - 1);
        assertThat(ended).isEmpty();
        state.onTime(LiveState.GRACE_NANOS);
        assertThat(ended).hasSize(1);

        // What comes too late does not make the sequence run again, or end twice.
        state.onScore(LiveRecords.score(1, 0, 1, FinishReason.UNKNOWN), LiveState.GRACE_NANOS);
        state.onScore(LiveRecords.score(1, 0, 1, FinishReason.END_OF_SEQUENCE), LiveState.GRACE_NANOS);
        state.onClose();
        assertThat(state.live()).isEmpty();
        assertThat(ended).hasSize(1);
    }

    @Test
    void theJobAloneKnowsOfASequenceThatWasAbandoned() {
        state.onScore(LiveRecords.score(1, 0, 1, FinishReason.ABANDONED), 0);

        assertThat(ended).extracting(LiveSequence::reason).containsExactly(FinishReason.ABANDONED);
    }

    @Test
    void theOldestSequencesGoAndAreCounted() {
        LiveState small = state(3, Wanted.ALL, false);
        for (int sequence = 0; sequence < 3; sequence++) {
            small.onStep(LiveRecords.decoded(1, sequence, 0, 1, ""), 0);
        }
        small.onStep(LiveRecords.decoded(1, 0, 1, 1, ""), 0);
        assertThat(small.totals().leftOutSequences()).isZero();
        small.onStep(LiveRecords.decoded(1, 3, 0, 1, ""), 0);

        assertThat(small.live())
                .extracting(sequence -> sequence.key().counter())
                .containsExactly(2L, 0L, 3L);
        assertThat(small.totals().leftOutSequences()).isEqualTo(1);
    }

    @Test
    void waitingEndsAndCommandsAreBoundedTooButTold() {
        LiveState small = state(2, Wanted.ALL, false);
        for (int sequence = 0; sequence < 5; sequence++) {
            small.onStep(LiveRecords.ended(1, sequence, 3, null), 0);
            small.onCommand(LiveRecords.abort(1, sequence), 0);
        }
        assertThat(ended).extracting(sequence -> sequence.key().counter()).containsExactly(0L, 1L, 2L);
        assertThat(decided)
                .extracting(decision -> decision.sequence().counter())
                .containsExactly(0L, 1L, 2L);
    }

    @Test
    void whatIsKeptOfOneSequenceIsBounded() {
        LiveState open = state(10, Wanted.ALL, true);
        int tokens = LiveSequence.TRACE_TOKENS + 50;
        for (int token = 0; token < tokens; token++) {
            open.onStep(LiveRecords.decoded(1, 0, token, 1, "ab"), 0);
        }
        LiveSequence sequence = open.live().iterator().next();
        assertThat(sequence.traced()).isEqualTo(LiveSequence.TRACE_TOKENS);
        assertThat(sequence.tokens()).isEqualTo(tokens);
        assertThat(sequence.text()).hasSize(LiveSequence.TEXT_CHARACTERS).endsWith("ab");
    }

    @Test
    void aSequenceThatFellSilentIsLeftOut() {
        state.onStep(LiveRecords.decoded(1, 0, 0, 1, ""), 0);
        state.onTime(LiveState.SILENCE_NANOS - 1);
        assertThat(state.live()).hasSize(1);
        state.onTime(LiveState.SILENCE_NANOS);
        assertThat(state.live()).isEmpty();
        assertThat(state.totals().leftOutSequences()).isEqualTo(1);
    }

    @Test
    void textAndAnswersAreKeptOnlyIfTheyMayBeShown() {
        LiveState open = state(10, Wanted.ALL, true);
        for (LiveState each : List.of(state, open)) {
            each.onStep(LiveRecords.decoded(1, 0, 0, 1, "secret"), 0);
            each.onStep(LiveRecords.ended(1, 0, 1, "42"), 0);
            each.onClose();
        }
        assertThat(lines.row(ended.get(0))).doesNotContain("secret").doesNotContain("42");
        assertThat(ended.get(1).text()).isEqualTo("secret");
        assertThat(lines.row(ended.get(1))).endsWith("says 42");
    }

    @Test
    void aCommandIsToldOnceWithItsOutcomeInWhateverOrderBothCome() {
        state.onCommand(LiveRecords.abort(1, 0), 0);
        assertThat(decided).isEmpty();
        state.onOutcome(LiveRecords.outcome(1, 0, OutcomeKind.APPLIED), 0);
        state.onOutcome(LiveRecords.outcome(1, 0, OutcomeKind.DUPLICATE), 0);
        state.onOutcome(LiveRecords.outcome(2, 0, OutcomeKind.SHADOW), 0);
        state.onCommand(LiveRecords.abort(2, 0), 0);

        assertThat(decided)
                .extracting(lines::decision)
                .satisfiesExactly(
                        first -> assertThat(first)
                                .isEqualTo(
                                        "0000000000000001-0      ABORT by abort-above, applied +2 tokens: edis 12.00 above 11.00"),
                        second -> assertThat(second)
                                .isEqualTo(
                                        "0000000000000002-0      ABORT by abort-above, shadow: edis 12.00 above 11.00"));
        assertThat(state.totals().outcomes()).isEqualTo("1 applied, 1 shadow");
    }

    @Test
    void halfOfACommandIsToldWhenTheOtherHalfDoesNotCome() {
        state.onOutcome(LiveRecords.outcome(1, 0, OutcomeKind.TOO_LATE), 0);
        state.onCommand(LiveRecords.abort(1, 1), 0);
        state.onOutcome(LiveRecords.outcome(1, 2, OutcomeKind.REFUSED), 0);
        state.onTime(LiveState.GRACE_NANOS);

        assertThat(decided)
                .extracting(lines::decision)
                .satisfiesExactly(first -> assertThat(first).endsWith("too late: ?"), second -> assertThat(second)
                        .endsWith("no answer yet: edis 12.00 above 11.00"));
        state.onOutcome(LiveRecords.outcome(1, 1, OutcomeKind.APPLIED), LiveState.GRACE_NANOS);
        assertThat(decided).as("it was applied after all").hasSize(3);
    }

    @Test
    void onlyWhatIsWantedIsToldAndCounted() {
        LiveState some = state(10, new Wanted(null, "reasoner-s", "r1"), false);
        some.onStep(LiveRecords.started(1, 0, "reasoner-s", "r1"), 0);
        some.onStep(LiveRecords.started(1, 1, "reasoner-s", "r2"), 0);
        for (int sequence = 0; sequence < 3; sequence++) {
            some.onStep(LiveRecords.decoded(1, sequence, 0, 2, ""), 0);
            some.onStep(LiveRecords.ended(1, sequence, 2, null), 0);
        }
        some.onClose();
        assertThat(ended).extracting(sequence -> sequence.key().counter()).containsExactly(0L);
        assertThat(some.totals().tokens()).isEqualTo(2);

        LiveState one = state(10, Wanted.parse("0000000000000002", null, null), false);
        one.onStep(LiveRecords.decoded(1, 0, 0, 2, ""), 0);
        one.onScore(LiveRecords.score(1, 0, 1, FinishReason.UNKNOWN), 0);
        one.onCommand(LiveRecords.abort(1, 0), 0);
        one.onClose();
        assertThat(one.live()).isEmpty();
        assertThat(decided).isEmpty();
        assertThatThrownBy(() -> Wanted.parse("2", null, null))
                .isInstanceOf(UserError.class)
                .hasMessage("--generator '2': must be 16 hexadecimal digits");
    }

    private LiveState state(int maxKept, Wanted wanted, boolean withText) {
        return new LiveState(maxKept, wanted, withText, listener);
    }
}
