package io.edistream.generator.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.generator.control.ControlAction;
import io.edistream.generator.control.ControlCommand;
import io.edistream.generator.control.ControlOutcome;
import io.edistream.generator.control.OutcomeKind;
import io.edistream.generator.control.ReceivedCommand;
import io.edistream.generator.event.EntropyKind;
import io.edistream.generator.event.EventOptions;
import io.edistream.generator.sequence.EndReason;
import io.edistream.schemas.Action;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Ids;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.TokenDetail;
import io.edistream.schemas.TokenEntropyBatch;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AvroMappingTest {

    @Test
    void everyFieldOfAStepArrives() {
        TokenEntropyBatch batch = batch(EventOptions.everything());
        assertThat(batch.getGenerator()).isEqualTo(Ids.generatorId(Samples.GENERATOR));
        assertThat(batch.getRecordNumber()).isEqualTo(12);
        assertThat(batch.getDecodedAtMicros()).isEqualTo(5);
        SequenceStart start = batch.getStarts().get(0);
        assertThat(start)
                .isEqualTo(new SequenceStart(
                        8L,
                        7L,
                        "reasoner-s",
                        "default",
                        io.edistream.schemas.EntropyKind.FULL_VOCAB_RAW,
                        162,
                        30,
                        7L,
                        4,
                        .8f,
                        20,
                        .9f,
                        .05f,
                        42L,
                        List.of("other", "result"),
                        "mine",
                        "secret prompt"));
        assertThat(batch.getRuns().get(0).getSequence()).isEqualTo(8);
        assertThat(batch.getRuns().get(0).getTokens())
                .containsExactly(new io.edistream.schemas.Token(.5f, -.25f, 3f, 1));
        assertThat(batch.getDetails()).containsExactly(new TokenDetail(4f, 5f, 17));
        assertThat(batch.getFinishes())
                .containsExactly(new SequenceFinish(8L, 1, FinishReason.ABORTED, "67", true, "secret text"));
    }

    @Test
    void textTokenIdsAndAnswersStayUnlessSwitchedOn() {
        TokenEntropyBatch batch = batch(EventOptions.numbersOnly());
        assertThat(batch.getStarts().get(0).getPrompt()).isNull();
        assertThat(batch.getDetails()).isEmpty();
        assertThat(batch.getFinishes().get(0).getAnswer()).isNull();
        assertThat(batch.getFinishes().get(0).getText()).isNull();
        assertThat(batch.getFinishes().get(0).getCorrect())
                .as("a label is no text")
                .isTrue();
        assertThat(batch.toString()).doesNotContain("secret");
    }

    @Test
    void detailsComeWithoutTokenIds() {
        assertThat(batch(new EventOptions(true, false, false, false, false)).getDetails())
                .containsExactly(new TokenDetail(4f, 5f, -1));
        assertThat(batch(new EventOptions(false, true, false, false, false)).getDetails())
                .containsExactly(new TokenDetail(4f, 5f, 17));
    }

    @Test
    void everyFieldOfAnOutcomeArrives() {
        ControlCommand command = Samples.command(8, ControlAction.BRANCH, true);
        CommandOutcome outcome = AvroControl.outcome(
                new ControlOutcome(
                        new ReceivedCommand(command, 80), OutcomeKind.APPLIED, 11, 90, List.of(20L, 21L), ""),
                Samples.GENERATOR);
        assertThat(Ids.text(outcome.getCommandId())).isEqualTo("00000000000000030000000000000004");
        assertThat(outcome)
                .isEqualTo(new CommandOutcome(
                        outcome.getCommandId(),
                        Ids.sequenceId(Samples.GENERATOR, 8),
                        Action.BRANCH,
                        "rule-1",
                        io.edistream.schemas.OutcomeKind.APPLIED,
                        9,
                        11,
                        77L,
                        80L,
                        90L,
                        List.of(20L, 21L),
                        ""));
    }

    @ParameterizedTest
    @EnumSource(EndReason.class)
    void everyEndReasonHasAName(EndReason reason) {
        assertThat(FinishReason.valueOf(reason.name()).name()).isEqualTo(reason.name());
    }

    @ParameterizedTest
    @EnumSource(EntropyKind.class)
    void everyEntropyKindHasAName(EntropyKind kind) {
        assertThat(io.edistream.schemas.EntropyKind.valueOf(kind.name()).name()).isEqualTo(kind.name());
    }

    @Test
    void actionsAndOutcomesHaveTheSameNamesOnBothSides() {
        assertThat(Arrays.stream(Action.values()).map(Enum::name))
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(ControlAction.values()).map(Enum::name).toList());
        assertThat(Arrays.stream(io.edistream.schemas.OutcomeKind.values()).map(Enum::name))
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(OutcomeKind.values()).map(Enum::name).toList());
    }

    private static TokenEntropyBatch batch(EventOptions options) {
        return new AvroEvents(Samples.GENERATOR, options).batch(Samples.wholeLife(), 12);
    }
}
