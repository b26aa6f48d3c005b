package io.edistream.cli.watch;

import io.edistream.cli.EntropyTrace;
import io.edistream.cli.Style;
import io.edistream.console.SafeText;
import io.edistream.schemas.Action;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.OutcomeKind;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the screen says of sequences and commands. What was not seen is {@code ?}. */
final class WatchLines {

    static final String UNKNOWN = "?";

    private static final int ID_COLUMNS = 23;
    private static final int STATE_COLUMNS = 10;
    private static final int NAME_COLUMNS = 12;

    /** All columns but the trace and the text: id, state, name, tokens, EDIS and what stands between them. */
    private static final int FIXED = ID_COLUMNS + 1 + STATE_COLUMNS + 1 + NAME_COLUMNS + 1 + 6 + 1 + 8 + 1;

    private static final int NARROWEST_TRACE = 8;
    private static final int WIDEST_TRACE = 48;

    private final Style style;
    private final EntropyTrace trace;
    private final int textColumns;

    WatchLines(int columns, Style style, boolean withText) {
        this.style = style;
        int flexible = Math.max(NARROWEST_TRACE, columns - FIXED - 1);
        int wanted = withText ? flexible * 2 / 5 : flexible;
        this.trace = new EntropyTrace(Math.min(WIDEST_TRACE, Math.max(NARROWEST_TRACE, wanted)));
        this.textColumns = withText ? Math.max(0, flexible - trace.width()) : 0;
    }

    /** The names of the columns. */
    String heading() {
        return row("sequence", SafeText.padded("state", STATE_COLUMNS), "request", "tokens", "entropy", "EDIS", "")
                .stripTrailing();
    }

    /** A sequence, while it runs or after its end. */
    String row(LiveSequence sequence) {
        String bars = trace.bars(sequence.traced(), sequence::entropy);
        Double edis = sequence.edis();
        String text = sequence.answer() == null ? sequence.text() : "says " + sequence.answer();
        return row(
                        id(sequence),
                        state(sequence),
                        name(sequence.model(), sequence.request()),
                        sequence.tokens() == 0 ? UNKNOWN : String.valueOf(sequence.tokens()),
                        bars.isEmpty() ? UNKNOWN : bars,
                        edis == null ? UNKNOWN : String.format(Locale.ROOT, "%.1f", edis),
                        SafeText.last(SafeText.forTerminal(text).strip(), textColumns))
                .stripTrailing();
    }

    private String row(String id, String state, String name, String tokens, String bars, String edis, String text) {
        return SafeText.padded(id, ID_COLUMNS) + " " + state + " " + SafeText.padded(name, NAME_COLUMNS) + " "
                + String.format(Locale.ROOT, "%6s", tokens) + " " + SafeText.padded(bars, trace.width())
                + String.format(Locale.ROOT, " %8s ", edis) + text;
    }

    /** Rows that are written over must fit; elsewhere an id is whole. */
    private static String id(LiveSequence sequence) {
        String id = sequence.key().toString();
        return sequence.hasEnded() ? id : SafeText.last(id, ID_COLUMNS);
    }

    /** The name of the request; the model's if it has none, since one of both says most. */
    private static String name(@Nullable String model, @Nullable String request) {
        String name = request == null ? model : request;
        return name == null ? UNKNOWN : SafeText.last(SafeText.forTerminal(name), NAME_COLUMNS);
    }

    private String state(LiveSequence sequence) {
        FinishReason reason = sequence.reason();
        if (!sequence.hasEnded()) {
            return SafeText.padded("running", STATE_COLUMNS);
        }
        String word = SafeText.padded(reason == null ? UNKNOWN : outcome(reason, sequence.correct()), STATE_COLUMNS);
        if (reason == FinishReason.ABORTED || reason == FinishReason.PRUNED) {
            return style.stopped(word);
        }
        if (sequence.correct() == null) {
            return word;
        }
        return sequence.correct() ? style.right(word) : style.wrong(word);
    }

    private static String outcome(FinishReason reason, @Nullable Boolean correct) {
        return switch (reason) {
            case END_OF_SEQUENCE -> correct == null ? "ended" : correct ? "right" : "wrong";
            case LENGTH -> "too long";
            case STOP_STRING -> "stopped";
            default -> Totals.words(reason);
        };
    }

    /** A command with what became of it. */
    String decision(Decision decision) {
        OutcomeKind kind = decision.kind();
        String effect;
        if (kind == null) {
            effect = "no answer yet";
        } else if (decision.reactionTokens() >= 0) {
            effect = Totals.words(kind) + " +" + decision.reactionTokens()
                    + (decision.reactionTokens() == 1 ? " token" : " tokens");
        } else {
            effect = Totals.words(kind);
        }
        String detail = decision.detail().isEmpty() ? "" : " (" + SafeText.forTerminal(decision.detail()) + ")";
        String reason = decision.reason();
        return SafeText.padded(decision.sequence().toString(), ID_COLUMNS) + " "
                + styled(decision.action()) + " by "
                + SafeText.forTerminal(decision.rule()) + ", " + effect + detail + ": "
                + (reason == null ? UNKNOWN : SafeText.forTerminal(reason));
    }

    private String styled(Action action) {
        return switch (action) {
            case ABORT, PRUNE, REROUTE, CONCLUDE -> style.stopped(action.toString());
            case BRANCH, START, SET_SAMPLING, UNKNOWN -> style.branched(action.toString());
        };
    }
}
