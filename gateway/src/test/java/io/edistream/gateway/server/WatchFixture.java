package io.edistream.gateway.server;

import io.edistream.gateway.watch.Published;
import io.edistream.gateway.watch.Watch;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.control.LocalControlInbox;
import io.edistream.sequences.control.RecordingOutcomePublisher;
import io.edistream.sequences.event.StepEvents;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;

/** What watches a gateway's answers, with what it publishes and where commands come from at hand. */
final class WatchFixture implements AutoCloseable {

    final Published published = new Published();
    final RecordingOutcomePublisher outcomes = new RecordingOutcomePublisher();
    final LocalControlInbox commands = new LocalControlInbox(MicrosClock.system());
    final Watch watch;

    /**
     * @param generator id of the source of tokens
     */
    WatchFixture(long generator) {
        watch = new Watch(
                generator,
                published,
                commands,
                outcomes,
                new GeneratorMetrics(new PrometheusRegistry()),
                MicrosClock.system(),
                false,
                tokens -> {});
    }

    /** Waits until so many commands have an outcome. */
    void untilOutcomes(int count) {
        while (outcomes.recorded().size() < count) {
            Thread.onSpinWait();
        }
    }

    /** Ids of the tokens that a sequence has in what was published; below 0 where nobody knows them. */
    static List<Integer> ids(StepEvents published, long sequence) {
        return published.runs().stream()
                .filter(run -> run.sequence() == sequence)
                .flatMap(run -> run.tokens().stream())
                .map(DecodedToken::id)
                .toList();
    }

    @Override
    public void close() {
        watch.close();
    }
}
