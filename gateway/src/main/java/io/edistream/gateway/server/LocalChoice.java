package io.edistream.gateway.server;

import io.edistream.gateway.watch.Ended;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.Intervention;
import io.edistream.sequences.TokenListener;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One choice of an answer that an engine in this process generates: what its client was not given yet. Used on the gateway's event loop. */
final class LocalChoice {

    /** About what an entry of a list of log-probabilities takes. */
    private static final int ENTRY_BYTES = 64;

    private final int index;
    private final @Nullable Logprobs logprobs;
    private final StringBuilder text = new StringBuilder();
    private final List<Notice> notices = new ArrayList<>(0);
    private Intervention.@Nullable Stop stop;
    private boolean forced;
    private @Nullable EndReason end;
    private int tokens;
    private boolean begun;
    private boolean endTold;
    private long keptBytes;

    /**
     * What its client is told beside the text.
     *
     * @param why the command that moved it, or ended its reasoning
     * @param token index of the first token that is of the other route, or behind the reasoning
     */
    record Notice(Intervention why, int token) {}

    /**
     * @param logprobs null if nobody wants them
     */
    LocalChoice(int index, @Nullable Logprobs logprobs) {
        this.index = index;
        this.logprobs = logprobs;
    }

    int index() {
        return index;
    }

    /** Tokens so far, whatever sequence they are of. */
    int tokens() {
        return tokens;
    }

    void hear(TokenListener.News news) {
        notice(news);
        tokens += news.tokens().size();
        text.append(news.text());
        stop = news.stop();
        keptBytes += news.text().length();
        if (logprobs != null) {
            List<DecodedToken> shown = ofText(news);
            logprobs.add(news.route(), shown);
            shown.forEach(
                    token -> keptBytes += (long) ENTRY_BYTES * (1 + token.best().size()));
        }
    }

    private void notice(TokenListener.News news) {
        List<DecodedToken> more = news.tokens();
        if (news.moved() != null && news.firstToken() == 0 && !more.isEmpty()) {
            notices.add(new Notice(news.moved(), tokens));
        }
        for (int i = 0; i < more.size(); i++) {
            if (forced && !more.get(i).forced() && news.concluded() != null) {
                notices.add(new Notice(news.concluded(), tokens + i));
            }
            forced = more.get(i).forced();
        }
    }

    /** The token that ends a sequence is no part of its text. */
    private static List<DecodedToken> ofText(TokenListener.News news) {
        List<DecodedToken> all = news.tokens();
        return news.end() == EndReason.END_OF_SEQUENCE && !all.isEmpty() ? all.subList(0, all.size() - 1) : all;
    }

    /** It has ended, and nothing continues it. False if that was known. */
    boolean end(EndReason reason) {
        boolean first = end == null;
        end = reason;
        return first;
    }

    boolean isOver() {
        return end != null;
    }

    /** Why it ended, as OpenAI says it; null if it has not. */
    @Nullable
    String finish() {
        EndReason reason = end;
        return reason == null ? null : reason == EndReason.LENGTH ? "length" : "stop";
    }

    /** How a command ended it; null if none did. */
    @Nullable
    Ended ended() {
        EndReason reason = end;
        if (reason != EndReason.ABORTED && reason != EndReason.PRUNED) {
            return null;
        }
        Intervention.Stop by = stop;
        return new Ended(reason, by == null ? null : by.rule(), by == null ? "" : by.because(), tokens);
    }

    /** Whether its client has heard nothing of it; it does now. */
    boolean begins() {
        boolean first = !begun;
        begun = true;
        return first;
    }

    /** Whether its client is to hear of its end now. */
    boolean ends() {
        boolean now = isOver() && !endTold;
        endTold |= now;
        return now;
    }

    /** Bytes that it takes, about, if nothing was taken. */
    long keptBytes() {
        return keptBytes;
    }

    /** Whether there is anything that its client was not given. */
    boolean hasNews() {
        return !text.isEmpty() || !notices.isEmpty() || (logprobs != null && logprobs.areThere());
    }

    /** The first notice that was not taken; null if there is none. */
    @Nullable
    Notice takeNotice() {
        return notices.isEmpty() ? null : notices.remove(0);
    }

    /** Its text that was not taken. */
    String takeText() {
        String taken = text.toString();
        text.setLength(0);
        return taken;
    }

    /** Null if nobody wants them. */
    @Nullable
    Logprobs logprobs() {
        return logprobs;
    }
}
