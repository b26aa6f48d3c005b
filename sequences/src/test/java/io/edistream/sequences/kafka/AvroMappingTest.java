package io.edistream.sequences.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.schemas.Action;
import io.edistream.schemas.CommandMode;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.Continuation;
import io.edistream.schemas.ContinuationCause;
import io.edistream.schemas.ContinuationMethod;
import io.edistream.schemas.Distribution;
import io.edistream.schemas.Effect;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Ids;
import io.edistream.schemas.Label;
import io.edistream.schemas.Measurement;
import io.edistream.schemas.RunText;
import io.edistream.schemas.Sampling;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.TokenRun;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.Phase;
import io.edistream.sequences.RefusalReason;
import io.edistream.sequences.SequenceNames;
import io.edistream.sequences.UnmeasuredReason;
import io.edistream.sequences.control.ControlAction;
import io.edistream.sequences.control.ControlCommand;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.OutcomeKind;
import io.edistream.sequences.control.ReceivedCommand;
import io.edistream.sequences.event.EntropyKind;
import io.edistream.sequences.event.EventOptions;
import io.edistream.sequences.event.SamplingChanged;
import io.edistream.sequences.event.SequenceEnded;
import io.edistream.sequences.event.SequenceEnded.Delivery;
import io.edistream.sequences.event.StepEvents;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AvroMappingTest {

    @Test
    void everyFieldOfAStepArrives() {
        TokenEntropyBatch batch = batch(EventOptions.everything());
        assertThat(batch.getGenerator()).isEqualTo(Ids.generatorId(Samples.GENERATOR));
        assertThat(batch.getRecordNumber()).isEqualTo(12);
        assertThat(batch.getDecodedAtMicros()).isEqualTo(5);
        assertThat(batch.getStarts())
                .containsExactly(new SequenceStart(
                        8L,
                        7L,
                        "reasoner-s",
                        "default",
                        "djl",
                        new io.edistream.schemas.EntropyKind(Distribution.RAW, Measurement.EXACT, 0),
                        162,
                        30,
                        0,
                        7L,
                        4,
                        new Continuation(6L, ContinuationCause.REROUTE, ContinuationMethod.BY_TEXT, 5),
                        new Sampling(.8f, 20, .9f, .05f, 42L, Map.of()),
                        List.of("other", "result"),
                        6,
                        4L,
                        "mine",
                        Samples.TRACE,
                        "secret prompt"));
        assertThat(batch.getRuns()).containsExactly(new TokenRun(8L, 0, 1));
        assertThat(batch.getTexts()).containsExactly(new RunText(0, "secret bit 0"));
        assertThat(batch.getFinishes())
                .containsExactly(new SequenceFinish(
                        8L,
                        1,
                        FinishReason.ABORTED,
                        true,
                        1,
                        2,
                        3,
                        6L,
                        4,
                        "67",
                        new Label(true, null, "caller"),
                        "secret text"));
        assertThat(batch.getSamplingChanges())
                .containsExactly(new io.edistream.schemas.SamplingChange(
                        8L, 0, new io.edistream.schemas.Sampling(.5f, 0, 1f, 0f, 43L, Map.of())));
        assertThat(batch.getLabels()).isEmpty();
    }

    @Test
    void textTokenIdsAndAnswersStayUnlessSwitchedOn() {
        TokenEntropyBatch batch = batch(EventOptions.numbersOnly());
        assertThat(batch.getStarts().get(0).getPrompt()).isNull();
        assertThat(batch.getTokenIds()).isEmpty();
        assertThat(batch.getTexts()).isEmpty();
        SequenceFinish finish = batch.getFinishes().get(0);
        assertThat(finish.getAnswer()).isNull();
        assertThat(finish.getText()).isNull();
        assertThat(finish.getLabel().getCorrect()).as("a label is no text").isTrue();
        assertThat(finish.getAnswerClass()).as("nor is a class").isEqualTo(4);
        assertThat(batch.toString()).doesNotContain("secret").doesNotContain("67");
    }

    /** Alone, each switch lets out its own text and no other; what is kept before the record is written obeys the same switch. */
    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "true, false, false, secret prompt, -, -",
                "false, true, false, -, secret text, -",
                "false, false, true, -, -, 67"
            })
    void eachTextHasASwitchOfItsOwn(
            boolean prompts, boolean texts, boolean answers, String prompt, String text, String answer) {
        EventOptions options = new EventOptions(false, false, prompts, texts, answers, 0);
        TokenEntropyBatch batch = batch(options);
        assertThat(batch.getStarts().get(0).getPrompt()).isEqualTo(prompt);
        assertThat(batch.getFinishes().get(0).getText()).isEqualTo(text);
        assertThat(batch.getFinishes().get(0).getAnswer()).isEqualTo(answer);
        StepEvents kept = new AvroEvents(1, options).permitted(Samples.wholeLife());
        assertThat(kept.starts().get(0).prompt()).isEqualTo(prompt);
        assertThat(kept.ends().get(0).text()).isEqualTo(text);
        assertThat(kept.ends().get(0).answer()).isEqualTo(answer);
    }

    /** A text that is never sent makes nothing lighter; to leave it out would be counted as a loss. */
    @Test
    void onlyWhatIsSentCanBeLeftOut() {
        StepEvents start = new StepEvents(5, List.of(Samples.start(8)), List.of(), List.of());
        StepEvents end =
                new StepEvents(5, List.of(), List.of(), Samples.wholeLife().ends());
        AvroEvents others = new AvroEvents(1, new EventOptions(true, true, false, true, true, 9));
        assertThat(others.lighter(start)).isEmpty();
        AvroEvents prompts = new AvroEvents(1, new EventOptions(true, true, true, false, false, 9));
        assertThat(prompts.lighter(end)).isEmpty();
        AvroEvents answers = new AvroEvents(1, new EventOptions(false, false, false, false, true, 0));
        SequenceEnded lighter = answers.lighter(end).orElseThrow().ends().get(0);
        assertThat(lighter.answer()).isNull();
        assertThat(lighter.text()).isEqualTo("secret text");
    }

    @Test
    void anAnswerThatNobodyJudgedHasNoLabel() {
        SequenceEnded end =
                new SequenceEnded(8, 3, EndReason.LENGTH, false, new Delivery(null, 0, 0), 6, null, null, null, "");
        SequenceFinish finish = new AvroEvents(1, EventOptions.everything())
                .batch(new StepEvents(5, List.of(), List.of(), List.of(end)), 0)
                .getFinishes()
                .get(0);
        assertThat(finish.getLabel()).isNull();
        assertThat(finish.getTokensDelivered()).isNull();
        assertThat(finish.getAnswerClass()).isNull();
    }

    @Test
    void theTextOfARunIsCutAtItsBound() {
        assertThat(textCutAt(12)).isEqualTo("secret bit 0");
        assertThat(textCutAt(11)).isEqualTo("secret bit ");
        // U+1F600 is two chars; half of it is no character.
        assertThat(textOf("ab\uD83D\uDE00", 3)).isEqualTo("ab");
        assertThat(textOf("ab\uD83D\uDE00", 4)).isEqualTo("ab\uD83D\uDE00");
    }

    @Test
    void runsWithoutTextHaveNoEntry() {
        EventOptions options = new EventOptions(false, false, false, false, false, 10);
        StepEvents events = new StepEvents(
                5, List.of(), Stream.of("", null, "c").map(AvroMappingTest::run).toList(), List.of());
        assertThat(new AvroEvents(1, options).batch(events, 0).getTexts()).containsExactly(new RunText(2, "c"));
    }

    /** Ids of tokens may not leave unless they are switched on; of a bias only how many tokens have one. */
    @Test
    void penaltiesAreToldAndWhichTokensHaveABiasIsNot() {
        io.edistream.sequences.Sampling sampling = io.edistream.sequences.Sampling.of(1, 7)
                .penalised(new io.edistream.sequences.Sampling.Penalties(1.2, -.5, .25))
                .biased(Map.of(31_337, 4f, 271_828, -4f));
        StepEvents events =
                new StepEvents(5, List.of(), List.of(new SamplingChanged(8, 0, sampling)), List.of(), List.of());
        TokenEntropyBatch batch = new AvroEvents(Samples.GENERATOR, EventOptions.numbersOnly()).batch(events, 1);
        assertThat(batch.getSamplingChanges().get(0).getSampling().getFurther())
                .isEqualTo(Map.of(
                        "repetition_penalty",
                        1.2,
                        "presence_penalty",
                        -.5,
                        "frequency_penalty",
                        .25,
                        "logit_bias_tokens",
                        2.0));
        assertThat(batch.toString()).doesNotContain("31337").doesNotContain("271828");
    }

    @Test
    void everyFieldOfAnOutcomeArrives() {
        ControlCommand command = Samples.command(8, ControlAction.BRANCH, true);
        CommandOutcome outcome = AvroControl.outcome(
                new ControlOutcome(
                        new ReceivedCommand(command, 80),
                        new SequenceNames("model", "route", "request", Samples.TRACE),
                        OutcomeKind.APPLIED,
                        null,
                        io.edistream.sequences.Effect.HIDDEN,
                        11,
                        90,
                        List.of(20L, 21L),
                        22L,
                        1,
                        "hidden"),
                Samples.GENERATOR);
        assertThat(Ids.text(outcome.getCommandId())).isEqualTo("00000000000000030000000000000004");
        assertThat(outcome)
                .isEqualTo(new CommandOutcome(
                        outcome.getCommandId(),
                        Ids.sequenceId(Samples.GENERATOR, 8),
                        Action.BRANCH,
                        CommandMode.ARMED,
                        "rule-1",
                        3,
                        "model",
                        "route",
                        "request",
                        io.edistream.schemas.OutcomeKind.APPLIED,
                        io.edistream.schemas.RefusalReason.NONE,
                        Effect.HIDDEN,
                        9,
                        11,
                        77L,
                        80L,
                        90L,
                        0,
                        22L,
                        List.of(20L, 21L),
                        1,
                        "hidden",
                        Samples.TRACE));
    }

    @Test
    void aRefusalHasItsReasonAndNoEffect() {
        CommandOutcome outcome = AvroControl.outcome(
                new ControlOutcome(
                        new ReceivedCommand(Samples.command(8, ControlAction.ABORT, false), 80),
                        SequenceNames.UNKNOWN,
                        OutcomeKind.REFUSED,
                        RefusalReason.NO_ROOM,
                        null,
                        null,
                        90,
                        List.of(),
                        null,
                        17,
                        "full"),
                Samples.GENERATOR);
        assertThat(outcome.getMode()).isEqualTo(CommandMode.SHADOW);
        assertThat(outcome.getCount()).isEqualTo(17);
        assertThat(outcome.getRefusal()).isEqualTo(io.edistream.schemas.RefusalReason.NO_ROOM);
        assertThat(outcome.getEffect()).isEqualTo(Effect.NONE);
        assertThat(outcome.getModel()).isEmpty();
        assertThat(outcome.getRequest()).isNull();
        assertThat(outcome.getDetail()).isEqualTo("full");
    }

    @ParameterizedTest
    @EnumSource(EndReason.class)
    void everyEndReasonHasAName(EndReason reason) {
        assertThat(FinishReason.valueOf(reason.name()).name()).isEqualTo(reason.name());
    }

    @Test
    void enumsHaveTheSameNamesOnBothSides() {
        assertSameNames(Action.values(), ControlAction.values());
        assertSameNames(io.edistream.schemas.OutcomeKind.values(), OutcomeKind.values());
        assertSameNames(io.edistream.schemas.Phase.values(), Phase.values());
        assertSameNames(io.edistream.schemas.UnmeasuredReason.values(), UnmeasuredReason.values(), "UNKNOWN");
        assertSameNames(io.edistream.schemas.RefusalReason.values(), RefusalReason.values(), "NONE");
        assertSameNames(Distribution.values(), EntropyKind.Distribution.values(), "UNKNOWN");
        assertSameNames(Measurement.values(), EntropyKind.Measurement.values(), "UNKNOWN");
    }

    private static void assertSameNames(Enum<?>[] contract, Enum<?>[] own, String... absence) {
        assertThat(Stream.concat(Arrays.stream(own).map(Enum::name), Arrays.stream(absence)))
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(contract).map(Enum::name).toList());
    }

    private static String textCutAt(int characters) {
        return batch(new EventOptions(false, false, false, false, false, characters))
                .getTexts()
                .get(0)
                .getText();
    }

    private static String textOf(String text, int characters) {
        return new AvroEvents(1, new EventOptions(false, false, false, false, false, characters))
                .batch(new StepEvents(5, List.of(), List.of(run(text)), List.of()), 0)
                .getTexts()
                .get(0)
                .getText();
    }

    private static io.edistream.sequences.event.TokenRun run(String text) {
        return new io.edistream.sequences.event.TokenRun(8, 0, Samples.run(0).tokens(), text);
    }

    private static TokenEntropyBatch batch(EventOptions options) {
        return new AvroEvents(Samples.GENERATOR, options).batch(Samples.wholeLife(), 12);
    }
}
