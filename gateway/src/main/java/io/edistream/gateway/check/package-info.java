/** Asks upstreams what they can do, before clients do. */
@NullMarked
package io.edistream.gateway.check;

import org.jspecify.annotations.NullMarked;
