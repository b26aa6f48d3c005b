/** {@code edistream tail}: the records of any topic as lines of JSON. */
@NullMarked
package io.edistream.cli.tail;

import org.jspecify.annotations.NullMarked;
