package io.edistream.dashboards;

import io.edistream.schemas.metrics.Metric;
import java.util.List;

/**
 * A board.
 *
 * @param uid in its address, the name of its file
 * @param title what it is about
 * @param description whom it is for
 * @param processes metrics whose series tell the processes and models that can be chosen
 * @param models a metric whose labels model and route can be chosen from
 * @param panels from left to right, from top to bottom
 */
record Board(String uid, String title, String description, List<Metric> processes, Metric models, List<Panel> panels) {

    Board {
        processes = List.copyOf(processes);
        panels = List.copyOf(panels);
    }
}
