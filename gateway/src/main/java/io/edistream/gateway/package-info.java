/** The gateway: an OpenAI-compatible server in front of upstreams, which watches what it passes through. */
@NullMarked
package io.edistream.gateway;

import org.jspecify.annotations.NullMarked;
