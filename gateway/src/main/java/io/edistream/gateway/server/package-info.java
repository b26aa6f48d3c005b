/** The face: OpenAI's protocol towards clients, and the way of a request through the gateway. */
@NullMarked
package io.edistream.gateway.server;

import org.jspecify.annotations.NullMarked;
