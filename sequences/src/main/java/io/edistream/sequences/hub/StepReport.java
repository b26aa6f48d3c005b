package io.edistream.sequences.hub;

import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.GeneratedSequence;
import io.edistream.sequences.TokenListener;
import io.edistream.sequences.event.SamplingChanged;
import io.edistream.sequences.event.SequenceEnded;
import io.edistream.sequences.event.SequenceStarted;
import io.edistream.sequences.event.StepEvents;
import io.edistream.sequences.event.TokenRun;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects what one flush has to report. Works on what each sequence has not reported yet, so a branch reports the tokens
 * that it shares with its parent together with its first own one.
 */
final class StepReport {

    private final long nowMicros;
    private final boolean withText;
    private final List<SequenceStarted> starts = new ArrayList<>();
    private final List<SamplingChanged> changes = new ArrayList<>();
    private final List<TokenRun> runs = new ArrayList<>();
    private final List<SequenceEnded> ends = new ArrayList<>();
    private final List<TokenListener.News> news = new ArrayList<>();

    /**
     * @param nowMicros when the step ended, microseconds since 1970-01-01 UTC
     * @param withText whether the text of runs is told
     */
    StepReport(long nowMicros, boolean withText) {
        this.nowMicros = nowMicros;
        this.withText = withText;
    }

    /**
     * Adds what is new of a sequence.
     *
     * @param result its result if it has ended
     */
    void add(TrackedSequence sequence, @Nullable GeneratedSequence result) {
        if (!sequence.wasOpened()) {
            // Ended while it waited: nobody has heard of it and nobody will.
            return;
        }
        if (sequence.reportStart()) {
            starts.add(started(sequence));
        }
        changes.addAll(sequence.reportChanges());
        boolean last = result != null && !sequence.generation().outlives(sequence);
        String text = withText || sequence.generation().isHeard()
                ? sequence.content().newText(sequence.decoded(), last)
                : null;
        List<DecodedToken> fresh = sequence.reportTokens();
        int first = sequence.tokens() - fresh.size();
        if (!fresh.isEmpty()) {
            runs.add(new TokenRun(sequence.counter(), first, fresh, withText ? text : null));
        }
        if (sequence.generation().isHeard() && (last || !fresh.isEmpty())) {
            news.add(new TokenListener.News(
                    sequence.generation(),
                    sequence.counter(),
                    sequence.facts().route(),
                    first,
                    fresh,
                    text == null ? "" : text,
                    last ? sequence.endReason() : null,
                    last ? sequence.stop() : null,
                    sequence.moved(),
                    sequence.concluded()));
        }
        if (result != null) {
            ends.add(new SequenceEnded(
                    result.counter(),
                    sequence.tokens(),
                    result.reason(),
                    result.thinkingOpen(),
                    sequence.delivery(),
                    nowMicros,
                    result.answerClass(),
                    result.answer(),
                    result.correct(),
                    result.text()));
        }
    }

    StepEvents events() {
        return new StepEvents(nowMicros, starts, changes, runs, ends);
    }

    /** After the report: what was published is never behind what a caller knows. */
    void tellListeners() {
        news.forEach(one -> ((Generation) one.generation()).tell(one));
    }

    private static SequenceStarted started(TrackedSequence sequence) {
        SequenceFacts facts = sequence.facts();
        SequenceFacts.Origin origin = facts.origin();
        return new SequenceStarted(
                sequence.counter(),
                sequence.group().id(),
                facts.model(),
                facts.route(),
                facts.engine().name(),
                facts.entropyKind(),
                facts.vocabularySize(),
                facts.promptLength(),
                origin == null ? null : origin.parent(),
                origin == null ? null : origin.forkToken(),
                facts.continues(),
                facts.sampling(),
                facts.tokenClasses(),
                sequence.group().planned(),
                sequence.openedAtMicros(),
                facts.request(),
                facts.traceContext(),
                facts.promptText());
    }
}
