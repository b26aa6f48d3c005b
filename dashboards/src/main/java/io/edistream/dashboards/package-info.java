/** Boards for Grafana, made from the catalogue of metrics, so that no name in a board can be one that nobody exports. */
@NullMarked
package io.edistream.dashboards;

import org.jspecify.annotations.NullMarked;
