package io.edistream.gateway.watch;

import io.edistream.sequences.EndReason;
import org.jspecify.annotations.Nullable;

/**
 * How a choice was ended from outside.
 *
 * @param reason why
 * @param rule the rule that asked for it; null if none did
 * @param because the rule's reason, one sentence for people; empty if there is none
 * @param token index of the first token that is not part of it
 */
public record Ended(EndReason reason, @Nullable String rule, String because, int token) {}
