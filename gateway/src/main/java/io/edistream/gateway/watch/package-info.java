/** What the gateway knows of answers as running sequences: the hub, on a thread of its own. */
@NullMarked
package io.edistream.gateway.watch;

import org.jspecify.annotations.NullMarked;
