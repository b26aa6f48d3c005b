package io.edistream.generator;

import io.edistream.generator.decode.Route;
import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.control.ControlInbox;
import io.edistream.sequences.control.OutcomePublisher;
import io.edistream.sequences.event.EntropyPublisher;
import io.edistream.sequences.metrics.GeneratorMetrics;
import java.util.List;

/**
 * What a generator is made of. The generator closes all of it.
 *
 * @param routes models that requests can name, at least one
 * @param events takes what is decoded
 * @param commands brings commands
 * @param outcomes takes what became of them
 * @param metrics counts
 * @param clock tells the time
 */
public record GeneratorParts(
        List<Route> routes,
        EntropyPublisher events,
        ControlInbox commands,
        OutcomePublisher outcomes,
        GeneratorMetrics metrics,
        MicrosClock clock) {

    /** Copies the routes. */
    public GeneratorParts {
        routes = List.copyOf(routes);
    }
}
