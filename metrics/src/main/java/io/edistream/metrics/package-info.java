/** What the catalogue of metrics names, as the Prometheus client knows it. */
@NullMarked
package io.edistream.metrics;

import org.jspecify.annotations.NullMarked;
