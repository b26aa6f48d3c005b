/** One answer out of several samples of a prompt: what a client may ask for, which samples start, and which one it gets. */
@NullMarked
package io.edistream.gateway.samples;

import org.jspecify.annotations.NullMarked;
