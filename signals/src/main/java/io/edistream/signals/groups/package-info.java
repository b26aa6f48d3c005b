/** All samples of one prompt: how they voted, how many more are worth starting, and which need not go on. */
@NullMarked
package io.edistream.signals.groups;

import org.jspecify.annotations.NullMarked;
