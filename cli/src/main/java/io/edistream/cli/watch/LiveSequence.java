package io.edistream.cli.watch;

import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Score;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of one sequence, in bounded memory: the entropies of its last {@value #TRACE_TOKENS} tokens and the last
 * {@value #TEXT_CHARACTERS} characters of its text. Its start may not have been seen; what only that says is then null.
 */
final class LiveSequence {

    static final int TRACE_TOKENS = 256;
    static final int TEXT_CHARACTERS = 240;

    private static final int FIRST_TRACE = 16;

    private final SequenceKey key;
    private final StringBuilder text = new StringBuilder();
    private float[] entropies = new float[FIRST_TRACE];
    private long came;
    private int nextToken;
    private int sharedTokens;
    private @Nullable String model;
    private @Nullable String request;
    private @Nullable Double edis;
    private @Nullable FinishReason reason;
    private @Nullable Boolean correct;
    private @Nullable String answer;
    private boolean hasFinish;
    private boolean hasFinalScore;
    private long touchedNanos;
    private long activity;

    LiveSequence(SequenceKey key) {
        this.key = key;
    }

    void start(SequenceStart start) {
        name(start.getModel(), start.getRequest());
        sharedTokens = start.getForkToken() == null ? 0 : start.getForkToken();
    }

    /** A name that another topic knew. */
    void name(String ofModel, @Nullable String ofRequest) {
        if (!ofModel.isEmpty()) {
            model = ofModel;
            request = ofRequest;
        }
    }

    /**
     * Takes a run of tokens; those that came before are not taken again.
     *
     * @param column entropies of the record, nats, NaN where unmeasured
     * @param place where those of the run begin in it
     * @return how many of the tokens were decoded for this sequence, and are not shared with a parent
     */
    int add(int firstToken, int tokens, List<Float> column, int place) {
        int end = firstToken + tokens;
        int from = came == 0 ? firstToken : Math.max(firstToken, nextToken);
        for (int token = from; token < end; token++) {
            push(column.isEmpty() ? Float.NaN : column.get(place + token - firstToken));
        }
        nextToken = Math.max(nextToken, end);
        int own = Math.max(0, end - Math.max(from, sharedTokens));
        activity += own;
        return own;
    }

    private void push(float entropy) {
        if (came == entropies.length && came < TRACE_TOKENS) {
            entropies = Arrays.copyOf(entropies, Math.min(TRACE_TOKENS, 2 * entropies.length));
        }
        entropies[(int) (came % entropies.length)] = entropy;
        came++;
    }

    void addText(String more) {
        text.append(more, Math.max(0, more.length() - TEXT_CHARACTERS), more.length());
        text.delete(0, Math.max(0, text.length() - TEXT_CHARACTERS));
    }

    void finish(SequenceFinish finish, boolean withAnswer) {
        hasFinish = true;
        reason = finish.getReason();
        nextToken = Math.max(nextToken, finish.getTokens());
        correct = finish.getLabel() == null ? null : finish.getLabel().getCorrect();
        String said = finish.getAnswer();
        answer = said == null || !withAnswer ? null : said.substring(0, Math.min(TEXT_CHARACTERS, said.length()));
    }

    void score(Score score) {
        name(score.getModel(), score.getRequest());
        Double now = score.getSignals().getEdis();
        if (now != null) {
            edis = now;
        }
        nextToken = Math.max(nextToken, score.getLastToken() + 1);
        if (score.getFinal$()) {
            hasFinalScore = true;
            if (!hasFinish) {
                reason = score.getFinishReason();
                correct = score.getLabel() == null ? null : score.getLabel().getCorrect();
            }
        }
    }

    SequenceKey key() {
        return key;
    }

    @Nullable
    String model() {
        return model;
    }

    @Nullable
    String request() {
        return request;
    }

    /** Index behind the last token that anybody spoke of. */
    int tokens() {
        return nextToken;
    }

    /** How many entropies are kept. */
    int traced() {
        return (int) Math.min(came, entropies.length);
    }

    /** Entropy of a token that is kept, the oldest at 0; NaN if it was not measured. */
    double entropy(int place) {
        return entropies[(int) ((came - traced() + place) % entropies.length)];
    }

    String text() {
        return text.toString();
    }

    @Nullable
    Double edis() {
        return edis;
    }

    /** Why it ended; null while it runs. */
    @Nullable
    FinishReason reason() {
        return reason;
    }

    @Nullable
    Boolean correct() {
        return correct;
    }

    @Nullable
    String answer() {
        return answer;
    }

    boolean hasEnded() {
        return hasFinish || hasFinalScore;
    }

    /** Whether both its source and the job have said that it ended. */
    boolean isComplete() {
        return hasFinalScore && (hasFinish || reason == FinishReason.ABANDONED);
    }

    void touch(long nowNanos) {
        touchedNanos = nowNanos;
    }

    long touchedNanos() {
        return touchedNanos;
    }

    /** How lively it was of late: tokens, older ones counting less and less. */
    long activity() {
        return activity;
    }

    void fade() {
        activity /= 2;
    }
}
