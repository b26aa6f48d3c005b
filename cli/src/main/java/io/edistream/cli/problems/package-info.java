/** Arithmetic word problems for the shipped reasoners. */
@NullMarked
package io.edistream.cli.problems;

import org.jspecify.annotations.NullMarked;
