/** What reads the topics beside the loop and shows them. */
@NullMarked
package io.edistream.console;

import org.jspecify.annotations.NullMarked;
