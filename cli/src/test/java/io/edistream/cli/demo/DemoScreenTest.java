package io.edistream.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.cli.Style;
import io.edistream.cli.problems.WordProblem;
import io.edistream.schemas.Bound;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Ids;
import io.edistream.schemas.OutcomeKind;
import io.edistream.schemas.Score;
import io.edistream.schemas.Spike;
import io.edistream.schemas.SpikeKind;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DemoScreenTest {

    private final StringWriter out = new StringWriter();

    @Test
    void whateverTheOrderOfTheTopicsEverythingIsShownOnce() {
        for (int seed = 0; seed < 50; seed++) {
            out.getBuffer().setLength(0);
            DemoScreen screen = screen(false, 100, 24);
            screen.onStep(LoopRecords.started(3, 3));
            List<Runnable> records = new ArrayList<>(List.of(
                    () -> screen.onSpike(rebound(3, 1)),
                    () -> screen.onCommand(LoopRecords.abort(3, 1)),
                    () -> screen.onOutcome(LoopRecords.outcome(3, OutcomeKind.APPLIED, 1, 3, 2_000)),
                    () -> screen.onScore(ended(3, 1)),
                    () -> {
                        screen.onStep(LoopRecords.decoded(3, 0, 0.1, 1.9));
                        screen.onStep(LoopRecords.ended(3, 2, FinishReason.ABORTED, null, null));
                    }));
            Collections.shuffle(records, new Random(seed));
            records.forEach(Runnable::run);
            assertThat(out.toString().lines().toList())
                    .as("seed %d", seed)
                    .containsExactlyInAnyOrder(
                            "      ABORT  #3    +1 token, 2 ms: edis 12.00 above 11.00 after 5 tokens",
                            "#3" + " ".repeat(11) + "aborted     2 \u2581\u2588" + " ".repeat(21) + "    0.5/11",
                            " ".repeat(28) + "r");
            screen.finish();
            assertThat(out.toString().lines()).hasSize(3);
        }
    }

    @Test
    void ofTheCopiesOfACommandOnlyTheFirstAndAnAppliedOneAreShown() {
        DemoScreen screen = screen(false, 100, 24);
        screen.onStep(LoopRecords.started(3, 3));
        screen.onStep(LoopRecords.ended(3, 2, FinishReason.ABORTED, null, null));
        screen.onOutcome(LoopRecords.outcome(3, OutcomeKind.REFUSED, 1, 3, 0));
        screen.onCommand(LoopRecords.abort(3, 1));
        screen.onCommand(LoopRecords.abort(3, 1));
        screen.onOutcome(LoopRecords.outcome(3, OutcomeKind.REFUSED, 1, 19, 0));
        screen.onOutcome(LoopRecords.outcome(3, OutcomeKind.APPLIED, 1, 35, 2_000));
        screen.onCommand(LoopRecords.abort(3, 1));
        screen.onOutcome(LoopRecords.outcome(3, OutcomeKind.DUPLICATE, 1, 51, 0));
        assertThat(out.toString().lines().toList())
                .containsExactly("      ABORT  #3    +33 tokens, 2 ms: edis 12.00 above 11.00 after 5 tokens");
    }

    @Test
    void refusedCommandsAreCountedAndNotTold() {
        DemoScreen screen = screen(false, 200, 24);
        for (int sequence = 0; sequence < 3; sequence++) {
            screen.onCommand(LoopRecords.abort(sequence, 1));
            screen.onOutcome(LoopRecords.outcome(sequence, OutcomeKind.REFUSED, 1, 3, 0));
            screen.onOutcome(LoopRecords.outcome(sequence, OutcomeKind.REFUSED, 1, 19, 0));
        }
        assertThat(out.toString()).isEmpty();
        screen.finish();
        assertThat(out.toString()).startsWith("3 commands were refused");
    }

    @Test
    void withoutColoursThereAreNoEscapeSequences() {
        assertThat(new Style(false).right("x")).isEqualTo("x");
        assertThat(new Style(true).right("x")).isEqualTo("\u001b[32mx\u001b[0m");
    }

    @Test
    void whatWasCutIsNotWaitedFor() {
        DemoScreen screen = screen(false, 100, 24);
        screen.onStep(LoopRecords.started(3, 3));
        screen.onStep(LoopRecords.decoded(3, 0, 0.1, 1.9));
        screen.onStep(LoopRecords.ended(3, 2, FinishReason.ABORTED, null, null));
        Score score = ended(3, 300);
        score.setCutBy(List.of(Bound.SPIKES));
        screen.onScore(score);
        assertThat(out.toString()).startsWith("#3           aborted");
    }

    @Test
    void whatLacksAMarkIsShownInTheEnd() {
        DemoScreen screen = screen(false, 100, 24);
        screen.onStep(LoopRecords.started(3, 3));
        screen.onStep(LoopRecords.decoded(3, 0, 0.1, 1.9));
        screen.onStep(LoopRecords.ended(3, 2, FinishReason.ABORTED, null, null));
        screen.onScore(ended(3, 1));
        assertThat(out.toString()).isEmpty();
        screen.finish();
        assertThat(out.toString()).startsWith("#3           aborted");
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 80, 100})
    void textIsBrokenBetweenWords(int columns) {
        DemoScreen screen = screen(true, columns, 24);
        screen.explain();
        screen.onCommand(LoopRecords.abort(3, 1));
        screen.onOutcome(LoopRecords.outcome(3, OutcomeKind.APPLIED, 1, 3, 2_000));
        screen.finish();
        assertThat(out.toString().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(columns));
        assertThat(out.toString().replaceAll("\\s+", " "))
                .contains("ABORT #3 +1 token, 2 ms: edis 12.00 above 11.00 after 5 tokens")
                .contains("33 pens. How many?");
    }

    @Test
    void aPanelNeverHasMoreLinesThanTheTerminal() {
        DemoScreen screen = screen(true, 80, 6);
        for (int sequence = 0; sequence < 20; sequence++) {
            screen.onStep(LoopRecords.started(sequence, sequence));
            screen.onStep(LoopRecords.decoded(sequence, 0, 0.1, 1.9, 0.2));
        }
        screen.onCommand(LoopRecords.abort(3, 1));
        screen.onOutcome(LoopRecords.outcome(3, OutcomeKind.APPLIED, 1, 3, 2_000));
        assertThat(out.toString().lines().filter(line -> line.startsWith("#")))
                .hasSize(3)
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    }

    @ParameterizedTest
    @ValueSource(ints = {59, 20})
    void aTerminalThatIsTooNarrowGetsNoPanel(int columns) {
        DemoScreen screen = screen(true, columns, 24);
        screen.onStep(LoopRecords.started(3, 3));
        screen.onStep(LoopRecords.decoded(3, 0, 0.1, 1.9));
        screen.finish();
        assertThat(out.toString()).doesNotContain("running").doesNotContain("\u001b");
    }

    private DemoScreen screen(boolean terminal, int columns, int rows) {
        WordProblem problem = new WordProblem("Sam has 33 pens. ".repeat(10).strip() + " How many?", 33, "easy", 2);
        return new DemoScreen(
                new PrintWriter(out, true),
                terminal,
                columns,
                rows,
                new ScreenLines(columns, new Style(false), List.of(problem), 11));
    }

    private static Score ended(long sequence, int rebounds) {
        Score score =
                LoopRecords.finalScore(sequence, 2, Map.of("edis", 0.5, "rebound", (double) rebounds, "burst", 0.0), 1);
        score.setFinishReason(FinishReason.ABORTED);
        return score;
    }

    private static Spike rebound(long sequence, int token) {
        Spike spike = new Spike();
        spike.setSequence(Ids.sequenceId(LoopRecords.GENERATOR, sequence));
        spike.setKind(SpikeKind.REBOUND);
        spike.setToken(token);
        return spike;
    }
}
