package io.edistream.sequences.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.sequences.Logged;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.edistream.sequences.metrics.Metrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ReachabilityTest {

    private final GeneratorMetrics metrics = new GeneratorMetrics(new PrometheusRegistry());
    private final AtomicLong nanos = new AtomicLong(5);
    private final Reachability reachability =
            new Reachability("topic", "records are lost", "records get through", metrics, nanos::get);

    @Test
    void anOutageIsSaidOnceAndItsEndWithHowLongItTook() {
        try (Logged log = Logged.by(Reachability.class)) {
            reachability.through();
            reachability.lost("told to");
            nanos.addAndGet(21_000_000_000L);
            reachability.lost("told to again");
            assertThat(Metrics.value(metrics, "edistream_generator_kafka_reachable", "topic"))
                    .isZero();
            nanos.addAndGet(1_000_000_000L);
            reachability.through();
            reachability.through();
            assertThat(log.lines())
                    .containsExactly(
                            "Topic topic: records are lost, decoding goes on: told to",
                            "Topic topic: reachable again after 22 s, records get through");
        }
        assertThat(Metrics.value(metrics, "edistream_generator_kafka_reachable", "topic"))
                .isEqualTo(1);
    }
}
