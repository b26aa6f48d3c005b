package io.edistream.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.cli.StatusScreen;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.edistream.sequences.metrics.SequenceLedger;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressLineTest {

    private final StringWriter err = new StringWriter();
    private final AtomicLong nanos = new AtomicLong();
    private final GeneratorMetrics metrics = new GeneratorMetrics(new PrometheusRegistry());

    /** Two routes; the rate is that since the last line, not since the beginning. */
    @Test
    void itTellsHowFarAllRoutesAreAndHowFast() {
        SequenceLedger one = metrics.ledger("m", "one");
        SequenceLedger two = metrics.ledger("m", "two");
        try (ProgressLine line =
                new ProgressLine(metrics, new StatusScreen(new PrintWriter(err), false, 80), nanos::get)) {
            one.decoded(1_000);
            two.decoded(500);
            one.holds(3, 4);
            two.holds(2, 0);
            two.ended(EndReason.LENGTH, 500, false);
            nanos.addAndGet(2_000_000_000L);
            line.show();
            one.decoded(100);
            nanos.addAndGet(500_000_000L);
            line.show();
        }
        assertThat(err.toString().lines())
                .containsExactly(
                        "edistream: 1,500 tokens, 750 tokens/s, 1 sequences ended, 5 live, 4 waiting",
                        "edistream: 1,600 tokens, 200 tokens/s, 1 sequences ended, 5 live, 4 waiting");
    }
}
