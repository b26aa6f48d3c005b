package io.edistream.generator.event;

import io.edistream.generator.sequence.EndReason;
import org.jspecify.annotations.Nullable;

/**
 * How a sequence ended.
 *
 * @param sequence its number in the generator
 * @param tokens generated tokens in all
 * @param reason why
 * @param answer the extracted answer, if there is one
 * @param correct whether the answer is right; null if nobody knows
 * @param text the generated text
 */
public record SequenceEnded(
        long sequence, int tokens, EndReason reason, @Nullable String answer, @Nullable Boolean correct, String text) {}
