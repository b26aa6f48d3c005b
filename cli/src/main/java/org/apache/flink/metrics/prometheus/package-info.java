/** Flink's package, because its reporter shows its registry to nobody else. */
@NullMarked
package org.apache.flink.metrics.prometheus;

import org.jspecify.annotations.NullMarked;
