/** What the gateway costs, beside other proxies and by itself. */
@NullMarked
package io.edistream.benchmarks.gateway;

import org.jspecify.annotations.NullMarked;
