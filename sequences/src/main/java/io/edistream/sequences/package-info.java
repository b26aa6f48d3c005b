/** What a running sequence is, whatever decodes it: its tokens, its prompt group, what can be asked of it. */
@NullMarked
package io.edistream.sequences;

import org.jspecify.annotations.NullMarked;
