/**
 * The same signals computed from a whole recorded sequence at once, straight from their definitions: what streaming
 * scores are checked against.
 */
@NullMarked
package io.edistream.signals.batch;

import org.jspecify.annotations.NullMarked;
