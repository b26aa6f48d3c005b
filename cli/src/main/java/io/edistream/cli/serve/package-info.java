/** {@code edistream serve}: the generator behind the face of the gateway, in one process. */
@NullMarked
package io.edistream.cli.serve;

import org.jspecify.annotations.NullMarked;
