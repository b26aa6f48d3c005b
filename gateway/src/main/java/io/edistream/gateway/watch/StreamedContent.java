package io.edistream.gateway.watch;

import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.Phase;
import io.edistream.sequences.hub.SequenceContent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What an engine has sent of a choice as text; kept only if it may leave. Used by the hub's thread. */
final class StreamedContent implements SequenceContent {

    /** What a record takes of it is bounded at the same number of characters. */
    private static final int MAX_CHARACTERS = 262_144;

    private final boolean kept;
    private final StringBuilder text = new StringBuilder();
    private int told;
    private @Nullable String answer;
    private Phase phase = Phase.UNKNOWN;

    StreamedContent(boolean kept) {
        this.kept = kept;
    }

    void add(String more) {
        if (kept) {
            text.append(more, 0, Math.min(more.length(), MAX_CHARACTERS - text.length()));
        }
    }

    void answers(String found) {
        answer = found;
    }

    void reached(Phase now) {
        phase = now;
    }

    Phase phase() {
        return phase;
    }

    @Override
    public String newText(List<DecodedToken> tokens, boolean last) {
        String fresh = text.substring(told);
        told = text.length();
        return fresh;
    }

    @Override
    public Ending ending(List<DecodedToken> tokens, EndReason reason) {
        return new Ending(text.toString(), phase == Phase.THINKING, answer, null);
    }
}
