/** Makes metrics of the topics. */
@NullMarked
package io.edistream.console.exporter;

import org.jspecify.annotations.NullMarked;
