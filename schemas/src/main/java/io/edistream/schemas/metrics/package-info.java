/** The names of all metrics that Edistream exports: what a dashboard or an alert may rely on. */
@NullMarked
package io.edistream.schemas.metrics;

import org.jspecify.annotations.NullMarked;
