package io.edistream.cli.demo;

import io.edistream.schemas.Score;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.Spike;
import io.edistream.schemas.TokenRun;
import io.edistream.signals.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the topics said of one sequence. Used under the lock of {@link RecordedRun}. */
final class RecordedSequence {

    private final SequenceStart start;
    private final List<Token> tokens = new ArrayList<>();
    private final List<Spike> spikes = new ArrayList<>();
    private @Nullable SequenceFinish finish;
    private @Nullable Score finalScore;

    RecordedSequence(SequenceStart start) {
        this.start = start;
    }

    void add(TokenRun run) {
        run.getTokens()
                .forEach(token -> tokens.add(new Token(
                        token.getEntropy(),
                        Token.UNMEASURED,
                        token.getLogprob(),
                        token.getConfidence(),
                        token.getTokenClass())));
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

    /** The tokens in order, those shared with a parent included. */
    List<Token> tokens() {
        return tokens;
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
