package io.edistream.gateway.server;

import io.edistream.gateway.config.Upstream;
import io.edistream.gateway.reading.ChoicePassage;
import io.edistream.gateway.reading.Ending;
import io.edistream.gateway.reading.Passage;
import io.edistream.gateway.reading.Usage;
import io.edistream.gateway.watch.WatchedAnswer;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.Phase;
import io.edistream.sequences.UnmeasuredReason;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The choices of a watched answer: what of them was read is told to the hub and to the metrics. Used on the gateway's event loop. */
final class Choices {

    private static final DecodedToken HIDDEN = DecodedToken.unmeasured(-1, UnmeasuredReason.HIDDEN, Phase.UNKNOWN);

    private final Asking asking;
    private final int asked;
    private final WatchedAnswer watched;
    private Upstream upstream;

    /** Tokens of the prompt, and of the answer before it went on elsewhere; null if it did not. */
    private @Nullable Usage before;

    /** Those that have ended, by themselves or not. */
    private final Set<Integer> over = new HashSet<>();

    /** Those of them that a command ended: the client gets no more of them. */
    private final Set<Integer> hidden = new HashSet<>();

    /** Finished ones whose last tokens the numbers at the end of the stream may still tell of. */
    private final Map<Integer, EndReason> finishes = new TreeMap<>();

    private @Nullable Usage usage;
    private boolean firstToken = true;
    private int decoded;

    /**
     * @param asked how many were asked for
     * @param watched takes what was read of them
     */
    Choices(Asking asking, int asked, Upstream upstream, WatchedAnswer watched) {
        this.asking = asking;
        this.asked = asked;
        this.upstream = upstream;
        this.watched = watched;
    }

    /** Tokens of the prompt, as the engine counts them; -1 if it has not said. */
    int promptTokens() {
        return usage == null ? -1 : usage.promptTokens();
    }

    /** Tokens so far, of all choices. */
    int decoded() {
        return decoded;
    }

    /**
     * Another upstream goes on.
     *
     * @return what it has read, and how many tokens of the answer it has decoded until here
     */
    Usage goesOn(Upstream by) {
        Usage told = usage;
        Usage first = before;
        int earlier = first == null ? 0 : first.completionTokens();
        Usage leg = new Usage(promptTokens(), decoded - earlier, told == null ? -1 : told.cachedTokens());
        before = new Usage(first == null ? leg.promptTokens() : first.promptTokens(), decoded, -1);
        usage = null;
        upstream = by;
        return leg;
    }

    /** The engine answers, with this. */
    void open(Passage first) {
        Usage told = first.usage();
        watched.open(told == null ? -1 : told.promptTokens());
    }

    boolean areOpen() {
        return watched.isOpen();
    }

    /** Those that the client gets no more of. */
    Set<Integer> hidden() {
        return hidden;
    }

    /** The numbers of tokens, so far. */
    void learn(@Nullable Usage told) {
        if (told != null) {
            usage = told;
        }
    }

    /** True if the client is to get it. */
    boolean take(ChoicePassage choice) {
        if (hidden.contains(choice.index())) {
            return false;
        }
        if (choice.index() >= asked) {
            // More than was asked for: nobody expects them, but they are the client's.
            return true;
        }
        asking.took(choice);
        boolean says = !choice.tokens().isEmpty()
                || !choice.text().isEmpty()
                || !choice.reasoning().isEmpty();
        if (firstToken && says) {
            firstToken = false;
            asking.face().meters().firstToken(upstream.name(), System.nanoTime() - asking.begunNanos());
        }
        if (!choice.tokens().isEmpty()) {
            asking.face().meters().tokens(upstream, choice.tokens());
            decoded += choice.tokens().size();
            watched.append(choice.index(), choice.tokens(), choice.reasoning() + choice.text());
        }
        String finish = choice.finish();
        if (finish != null && over.add(choice.index())) {
            finishes.put(choice.index(), reason(finish));
        }
        return true;
    }

    private static EndReason reason(String finish) {
        return switch (finish) {
            case "length" -> EndReason.LENGTH;
            case "abort" -> EndReason.CANCELLED;
            case "error" -> EndReason.ERROR;
            default -> EndReason.END_OF_SEQUENCE;
        };
    }

    /** A command ended one; false if it has ended already. */
    boolean end(int choice) {
        return over.add(choice) && hidden.add(choice);
    }

    /** Whether none goes on. */
    boolean areOver() {
        return over.size() >= asked;
    }

    /** All have ended, and what the engine did not show of them is known. */
    void tellEnds(Ending ending) {
        ending.missing().forEach((choice, count) -> {
            if (choice < asked && !hidden.contains(choice)) {
                watched.append(choice, Collections.nCopies(count, HIDDEN), "");
            }
        });
        tellFinishes();
        endAll(EndReason.ERROR);
    }

    /** Whatever ended by itself did so. There are none before the answer is open. */
    void tellFinishes() {
        String answer = finishes.isEmpty() ? null : asking.answer();
        finishes.forEach((choice, reason) -> {
            if (answer != null) {
                watched.answers(choice, answer);
            }
            watched.end(choice, reason);
        });
    }

    /** Whatever has not ended does. */
    void endAll(EndReason reason) {
        if (watched.isOpen()) {
            for (int choice = 0; choice < asked; choice++) {
                watched.end(choice, reason);
            }
        }
    }

    void tellUsage() {
        Usage told = usage;
        Usage first = before;
        int earlier = first == null ? 0 : first.completionTokens();
        int prompt = first != null && first.promptTokens() >= 0
                ? first.promptTokens()
                : told == null ? 0 : told.promptTokens() - earlier;
        asking.tellUsage(prompt, told == null ? decoded : Math.max(decoded, earlier + told.completionTokens()));
    }
}
