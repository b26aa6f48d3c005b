/** Reads topics without anybody noticing. */
@NullMarked
package io.edistream.console.topics;

import org.jspecify.annotations.NullMarked;
