/** What an operator writes: upstreams, routes, clients and limits, checked before anything starts. */
@NullMarked
package io.edistream.gateway.config;

import org.jspecify.annotations.NullMarked;
