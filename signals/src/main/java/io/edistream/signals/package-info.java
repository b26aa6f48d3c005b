/**
 * Signals over the next-token distributions of one sequence, each computed in constant time and memory per token.
 *
 * <p>{@link io.edistream.signals.Catalogue} lists them. A signal is one file: a validated configuration record that is
 * the signal, and its accumulator. All entropies are in nats.
 */
@NullMarked
package io.edistream.signals;

import org.jspecify.annotations.NullMarked;
