/** {@code edistream status}: who publishes, who watches, and what is wrong. */
@NullMarked
package io.edistream.cli.status;

import org.jspecify.annotations.NullMarked;
