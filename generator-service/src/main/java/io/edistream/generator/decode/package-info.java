/** Continuous batching over a paged key-value cache, for any model behind {@link io.edistream.generator.decode.LanguageModel}. */
@NullMarked
package io.edistream.generator.decode;

import org.jspecify.annotations.NullMarked;
