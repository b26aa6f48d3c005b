package io.edistream.sequences.event;

import io.edistream.schemas.RecordLimits;
import io.edistream.sequences.EndReason;
import org.jspecify.annotations.Nullable;

/**
 * How a sequence ended.
 *
 * @param sequence its number in the generator
 * @param tokens generated tokens in all
 * @param reason why
 * @param thinkingOpen whether it was still thinking
 * @param delivery what became of its tokens
 * @param finishedAtMicros when, microseconds since 1970-01-01 UTC
 * @param answerClass number of the answer within the group, from 0 by first appearance; null if there is no answer
 * @param answer the extracted answer, if there is one and it is wanted; cut at
 *     {@value RecordLimits#MAX_TEXT_CHARACTERS} characters
 * @param correct whether the answer is right; null if nobody knows
 * @param text the generated text, if it is wanted; cut at {@value RecordLimits#MAX_TEXT_CHARACTERS} characters
 */
public record SequenceEnded(
        long sequence,
        int tokens,
        EndReason reason,
        boolean thinkingOpen,
        Delivery delivery,
        long finishedAtMicros,
        @Nullable Integer answerClass,
        @Nullable String answer,
        @Nullable Boolean correct,
        @Nullable String text) {

    /** Cuts what the model wrote. */
    public SequenceEnded {
        answer = Cut.orNull(RecordLimits.MAX_TEXT_CHARACTERS, answer);
        text = Cut.orNull(RecordLimits.MAX_TEXT_CHARACTERS, text);
    }

    /** The same without the text. */
    public SequenceEnded withoutText() {
        return with(answer, null);
    }

    /** The same without the answer; its class stays. */
    public SequenceEnded withoutAnswer() {
        return with(null, text);
    }

    private SequenceEnded with(@Nullable String newAnswer, @Nullable String newText) {
        return new SequenceEnded(
                sequence,
                tokens,
                reason,
                thinkingOpen,
                delivery,
                finishedAtMicros,
                answerClass,
                newAnswer,
                correct,
                newText);
    }

    /**
     * What became of a sequence's tokens.
     *
     * @param delivered tokens whose text its caller got; null if nobody knows
     * @param heldBack tokens that were decoded and kept from its caller
     * @param discarded tokens that were decoded and thrown away
     */
    public record Delivery(@Nullable Integer delivered, int heldBack, int discarded) {

        /** The caller got all of them. */
        public static Delivery all(int tokens) {
            return new Delivery(tokens, 0, 0);
        }
    }
}
