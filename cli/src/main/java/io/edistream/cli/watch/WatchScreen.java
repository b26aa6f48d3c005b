package io.edistream.cli.watch;

import io.edistream.console.SafeText;
import java.io.PrintWriter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Shows the state: a line for each command and each sequence that ended and, on a terminal, the liveliest sequences that
 * run below them. On a terminal it draws at most ten times a second, and of more lines than it has rows it shows the last
 * ones and counts the others. Called by one thread.
 */
final class WatchScreen implements LiveState.Listener {

    static final long REDRAW_NANOS = 100_000_000;

    private static final long RATE_NANOS = 1_000_000_000;

    /** Narrower than this, or lower, a terminal gets lines alone. */
    private static final int NARROWEST_LIVE = 74;

    private static final int LOWEST_LIVE = 6;

    /** Heading, status and a row for what is said above. */
    private static final int OTHER_ROWS = 4;

    private static final int MOST_SHOWN = 20;
    private static final String CURSOR_UP = "\u001b[%dA";
    private static final String CLEAR_BELOW = "\u001b[J";

    private final PrintWriter out;
    private final boolean live;
    private final int columns;
    private final int shownRows;
    private final int saidRows;
    private final WatchLines lines;
    private final Deque<String> said = new ArrayDeque<>();
    private List<LiveSequence> shown = List.of();
    private long unsaid;
    private long unsaidInAll;
    private int panelLines;
    private long drawnNanos;
    private long ratedNanos;
    private long ratedTokens;
    private double rate;
    private String trouble = "";

    /**
     * A screen.
     *
     * @param terminal whether the output is a terminal on which lines can be written over
     * @param columns characters per line
     * @param rows lines of a terminal
     */
    WatchScreen(PrintWriter out, boolean terminal, int columns, int rows, WatchLines lines, long nowNanos) {
        this.out = out;
        this.live = terminal && columns >= NARROWEST_LIVE && rows >= LOWEST_LIVE;
        this.columns = columns;
        this.shownRows = Math.min(MOST_SHOWN, rows - OTHER_ROWS);
        this.saidRows = rows;
        this.lines = lines;
        this.drawnNanos = nowNanos - REDRAW_NANOS;
        this.ratedNanos = nowNanos;
    }

    @Override
    public void onEnd(LiveSequence sequence) {
        say(lines.row(sequence));
    }

    @Override
    public void onDecision(Decision decision, @Nullable LiveSequence sequence) {
        say(lines.decision(decision));
    }

    /** A line above those that are written over. */
    void say(String line) {
        if (!live) {
            out.println(line);
            return;
        }
        said.addLast(line);
        if (said.size() > saidRows) {
            said.removeFirst();
            unsaid++;
            unsaidInAll++;
        }
    }

    /** What stands in the way now, on the status line until it is gone; empty if nothing. */
    void trouble(String what) {
        trouble = what;
    }

    /** Lines that a terminal had no time for. */
    long unsaid() {
        return unsaidInAll;
    }

    /** Draws what is new, unless it was drawn a moment ago. */
    void draw(LiveState state, long nowNanos) {
        if (nowNanos - ratedNanos >= RATE_NANOS) {
            rate = (double) (state.totals().tokens() - ratedTokens) * RATE_NANOS / (nowNanos - ratedNanos);
            ratedTokens = state.totals().tokens();
            ratedNanos = nowNanos;
        }
        if (!live) {
            out.flush();
            return;
        }
        if (nowNanos - drawnNanos < REDRAW_NANOS) {
            return;
        }
        drawnNanos = nowNanos;
        printSaid();
        drawPanel(state);
        out.flush();
    }

    private void printSaid() {
        if (panelLines > 0) {
            out.printf(CURSOR_UP + CLEAR_BELOW, panelLines);
            panelLines = 0;
        }
        if (unsaid > 0) {
            out.println("... " + unsaid + " more lines");
            unsaid = 0;
        }
        said.forEach(out::println);
        said.clear();
    }

    private void drawPanel(LiveState state) {
        List<LiveSequence> running =
                state.live().stream().filter(state::isWanted).toList();
        shown = liveliest(running);
        out.println(SafeText.last(lines.heading(), columns - 1));
        shown.forEach(sequence -> out.println(lines.row(sequence)));
        out.println(SafeText.last(status(state.totals(), running.size()), columns - 1));
        panelLines = shown.size() + 2;
        state.live().forEach(LiveSequence::fade);
    }

    /** A row stays where it is while its sequence runs and is not silent, so that it can be read. */
    private List<LiveSequence> liveliest(List<LiveSequence> running) {
        List<LiveSequence> rows = new ArrayList<>();
        Set<LiveSequence> candidates = new LinkedHashSet<>(running);
        for (LiveSequence sequence : shown) {
            if (sequence.activity() > 0 && candidates.remove(sequence)) {
                rows.add(sequence);
            }
        }
        candidates.stream()
                .sorted(Comparator.comparingLong(LiveSequence::activity).reversed())
                .limit(Math.max(0, shownRows - rows.size()))
                .forEach(rows::add);
        return rows;
    }

    private String status(Totals totals, int running) {
        String commands = totals.outcomes();
        int hidden = running - shown.size();
        return String.format(
                        Locale.ROOT,
                        "%d %s | %,.0f tokens/s | %d running%s | %d ended",
                        totals.sources(),
                        totals.sources() == 1 ? "source" : "sources",
                        rate,
                        running,
                        hidden == 0 ? "" : " (" + hidden + " not shown)",
                        totals.ended())
                + (commands.isEmpty() ? "" : " | " + commands)
                + totals.losses()
                + (trouble.isEmpty() ? "" : " | " + trouble);
    }

    /** Prints what is left and leaves the cursor below everything. */
    void close(String lastWord) {
        if (live) {
            printSaid();
        }
        out.println(lastWord);
        out.flush();
    }
}
