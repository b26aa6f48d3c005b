package io.edistream.cli.watch;

import io.edistream.schemas.Action;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandOutcome;
import io.edistream.schemas.OutcomeKind;
import org.jspecify.annotations.Nullable;

/** A command and what became of it, as far as both were seen; texts are cut so that many of them fit into memory. */
final class Decision {

    static final int MAX_CHARACTERS = 200;

    private final SequenceKey sequence;
    private final Action action;
    private final String rule;
    private final long sinceNanos;
    private @Nullable String model;
    private @Nullable String request;
    private @Nullable String reason;
    private @Nullable OutcomeKind kind;
    private String detail = "";
    private int reactionTokens = -1;

    Decision(SequenceKey sequence, Action action, String rule, long nowNanos) {
        this.sequence = sequence;
        this.action = action;
        this.rule = cut(rule);
        this.sinceNanos = nowNanos;
    }

    void command(Command command) {
        model = command.getModel();
        request = command.getRequest();
        reason = cut(command.getReason());
    }

    /**
     * Takes an outcome. A command is sent again while its condition holds; of its later copies only one that was applied
     * is news.
     *
     * @return whether it is news
     */
    boolean outcome(CommandOutcome outcome) {
        if (kind != null && (kind == OutcomeKind.APPLIED || outcome.getKind() != OutcomeKind.APPLIED)) {
            return false;
        }
        kind = outcome.getKind();
        detail = cut(outcome.getDetail());
        Integer applied = outcome.getAppliedAtToken();
        reactionTokens = applied == null ? -1 : applied - outcome.getDecidedAtToken() - 1;
        if (model == null && !outcome.getModel().isEmpty()) {
            model = outcome.getModel();
            request = outcome.getRequest();
        }
        return true;
    }

    private static String cut(String text) {
        return text.length() <= MAX_CHARACTERS ? text : text.substring(0, MAX_CHARACTERS);
    }

    SequenceKey sequence() {
        return sequence;
    }

    Action action() {
        return action;
    }

    String rule() {
        return rule;
    }

    long sinceNanos() {
        return sinceNanos;
    }

    @Nullable
    String model() {
        return model;
    }

    @Nullable
    String request() {
        return request;
    }

    /** Why; null if the command itself was not seen. */
    @Nullable
    String reason() {
        return reason;
    }

    /** What became of it; null if nobody has said. */
    @Nullable
    OutcomeKind kind() {
        return kind;
    }

    String detail() {
        return detail;
    }

    /** Tokens decoded behind the deciding one until it took effect, or would have; -1 if unknown. */
    int reactionTokens() {
        return reactionTokens;
    }
}
