/** {@code edistream gateway}. */
@NullMarked
package io.edistream.cli.gateway;

import org.jspecify.annotations.NullMarked;
