package io.edistream.cli.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.cli.Style;
import io.edistream.console.SafeText;
import io.edistream.schemas.FinishReason;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class WatchScreenTest {

    private static final int COLUMNS = 80;
    private static final int ROWS = 10;

    private final StringWriter out = new StringWriter();

    @Test
    void onATerminalTheLiveliestThatFitAreShownAndTheOthersCounted() {
        WatchScreen screen = screen(true);
        LiveState state = state(screen);
        for (int sequence = 0; sequence < 30; sequence++) {
            state.onStep(LiveRecords.decoded(1, sequence, 0, sequence == 17 || sequence == 19 ? 9 : 1, ""), 0);
        }
        screen.draw(state, 0);

        List<String> drawn = out.toString().lines().toList();
        assertThat(drawn).hasSize(ROWS - 2);
        assertThat(drawn.get(1)).startsWith("0000000000000001-17 ");
        assertThat(drawn.get(2)).startsWith("0000000000000001-19 ");
        assertThat(drawn.get(ROWS - 3)).isEqualTo("1 source | 0 tokens/s | 30 running (24 not shown) | 0 ended");
        assertThat(drawn).allMatch(line -> SafeText.columns(line) < COLUMNS);
    }

    @Test
    void itIsDrawnTenTimesASecondAtMost() {
        WatchScreen screen = screen(true);
        LiveState state = state(screen);
        for (long millis = 0; millis < 1_000; millis++) {
            screen.draw(state, millis * 1_000_000);
        }
        assertThat(out.toString().lines().filter(line -> line.contains("tokens/s")))
                .hasSize(10);
    }

    @Test
    void ofMoreLinesThanTheTerminalHasTheFirstAreCounted() {
        WatchScreen screen = screen(true);
        LiveState state = state(screen);
        for (int line = 0; line < ROWS + 5; line++) {
            screen.say("line " + line);
        }
        screen.draw(state, 0);
        assertThat(out.toString()).startsWith("... 5 more lines" + System.lineSeparator() + "line 5");
    }

    @Test
    void inAPipeThereIsALinePerEndAndNoEscapeSequence() {
        WatchScreen screen = screen(false);
        LiveState state = state(screen);
        state.onStep(LiveRecords.started(1, 0, "evil\u001b[2J", null), 0);
        for (int sequence = 0; sequence < 50; sequence++) {
            state.onStep(LiveRecords.ended(1, sequence, 7, null), 0);
            state.onScore(LiveRecords.score(1, sequence, 3, FinishReason.END_OF_SEQUENCE), 0);
            screen.draw(state, 0);
        }
        screen.close(state.totals().summary(2_000_000_000L));

        assertThat(out.toString().lines())
                .hasSize(51)
                .last()
                .asString()
                .isEqualTo(
                        "watched 2.0 s: 0 tokens of 1 source | 50 sequences ended (50 end of sequence) | commands: none answered");
        assertThat(out.toString()).doesNotContain("\u001b");
    }

    private WatchScreen screen(boolean terminal) {
        return new WatchScreen(
                new PrintWriter(out), terminal, COLUMNS, ROWS, new WatchLines(COLUMNS, new Style(false), false), 0);
    }

    private static LiveState state(WatchScreen screen) {
        return new LiveState(1_000, Wanted.ALL, false, screen);
    }
}
