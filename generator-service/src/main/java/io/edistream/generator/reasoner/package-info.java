/** What is particular to the shipped reasoners: token classes and where the answer stands. */
@NullMarked
package io.edistream.generator.reasoner;

import org.jspecify.annotations.NullMarked;
