/**
 * The hub: running sequences, whoever produces their tokens, that can be told to stop or to fork. It knows neither a model
 * nor an engine.
 */
@NullMarked
package io.edistream.sequences.hub;

import org.jspecify.annotations.NullMarked;
