/** Engines as the gateway reaches them: connections, how busy and how well each is, and who is asked next. */
@NullMarked
package io.edistream.gateway.upstream;

import org.jspecify.annotations.NullMarked;
