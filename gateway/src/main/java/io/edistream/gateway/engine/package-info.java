/** What an engine in the same process has to offer, whoever made it: the gateway knows engines by this alone. */
@NullMarked
package io.edistream.gateway.engine;

import org.jspecify.annotations.NullMarked;
