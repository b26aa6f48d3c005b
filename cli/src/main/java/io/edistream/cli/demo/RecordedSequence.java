package io.edistream.cli.demo;

import io.edistream.schemas.Score;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.Spike;
import io.edistream.signals.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the topics said of one sequence. Tokens that came before are not taken again, and those that never came are
 * counted. Used under the lock of {@link RecordedRun}.
 */
final class RecordedSequence {

    private final SequenceStart start;
    private final List<Token> tokens = new ArrayList<>();
    private final NavigableMap<Integer, String> texts = new TreeMap<>();
    private final List<Spike> spikes = new ArrayList<>();
    private int nextToken;
    private @Nullable SequenceFinish finish;
    private @Nullable Score finalScore;

    RecordedSequence(SequenceStart start) {
        this.start = start;
    }

    void add(int firstToken, List<Token> run, String text) {
        int repeated = Math.min(run.size(), Math.max(0, nextToken - firstToken));
        tokens.addAll(run.subList(repeated, run.size()));
        // The text of a run belongs to its tokens together; of a run that was seen in part nobody knows which.
        if (repeated == 0) {
            texts.put(firstToken, text);
        }
        nextToken = Math.max(nextToken, firstToken + run.size());
    }

    /** The index behind the last token that came. */
    int nextToken() {
        return nextToken;
    }

    void add(Spike spike) {
        spikes.add(spike);
    }

    void finish(SequenceFinish how) {
        finish = how;
    }

    void score(Score last) {
        finalScore = last;
    }

    SequenceStart start() {
        return start;
    }

    /** The tokens that came, in order, those shared with a parent included. */
    List<Token> tokens() {
        return tokens;
    }

    /** The text so far, empty if its source does not say it. */
    String text() {
        return String.join("", texts.values());
    }

    /** The text of the runs that begin within an interval of tokens. */
    String text(int fromToken, int toToken) {
        return fromToken >= toToken
                ? ""
                : String.join("", texts.subMap(fromToken, toToken).values());
    }

    /** Of these, tokens without an entropy. */
    int unmeasured() {
        return (int) tokens.stream().filter(token -> !token.hasEntropy()).count();
    }

    /** Tokens that never came, those that only the finish speaks of included. */
    int missing() {
        int all = finish == null ? nextToken : Math.max(nextToken, finish.getTokens());
        return all - tokens.size();
    }

    List<Spike> spikes() {
        return spikes;
    }

    Optional<SequenceFinish> finish() {
        return Optional.ofNullable(finish);
    }

    Optional<Score> finalScore() {
        return Optional.ofNullable(finalScore);
    }

    /** Tokens that were decoded for it and not taken over from a parent. */
    int ownTokens() {
        return tokens.size() - (start.getForkToken() == null ? 0 : start.getForkToken());
    }
}
