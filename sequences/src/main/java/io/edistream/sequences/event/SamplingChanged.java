package io.edistream.sequences.event;

import io.edistream.sequences.Sampling;

/**
 * A running sequence's tokens are drawn in another way.
 *
 * @param sequence its number in the generator
 * @param fromToken index of the first token that is drawn so
 * @param sampling how
 */
public record SamplingChanged(long sequence, int fromToken, Sampling sampling) {}
