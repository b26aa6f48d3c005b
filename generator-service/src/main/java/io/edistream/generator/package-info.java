/** The generator service: decodes, publishes the entropy of every token, obeys commands at the next one. */
@NullMarked
package io.edistream.generator;

import org.jspecify.annotations.NullMarked;
