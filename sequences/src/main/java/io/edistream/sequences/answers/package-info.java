/** Finding the answer in what a model wrote, for votes and labels, whatever model it was. */
@NullMarked
package io.edistream.sequences.answers;

import org.jspecify.annotations.NullMarked;
