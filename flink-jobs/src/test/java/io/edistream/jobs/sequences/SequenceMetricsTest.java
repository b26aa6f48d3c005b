package io.edistream.jobs.sequences;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.schemas.Action;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandMode;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.SpikeKind;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.Test;

class SequenceMetricsTest {

    private final Map<String, Supplier<Object>> values = new TreeMap<>();

    @Test
    void countsUnderNamesAndLabelsOfItsOwn() {
        SequenceMetrics metrics = new SequenceMetrics(new Recording(""), 5);
        metrics.sequenceStarted();
        metrics.sequenceStarted();
        metrics.sequenceFinished();
        metrics.sequenceAbandoned();
        metrics.tokenTaken();
        metrics.gap();
        metrics.missing(4);
        metrics.repeated(3);
        metrics.rejected(RejectReason.BAD_VALUE);
        metrics.rejected(RejectReason.BAD_VALUE);
        metrics.rejectedAgain(RejectReason.UNKNOWN_SEQUENCE);
        metrics.spike(SpikeKind.BURST);
        Command command = new Command();
        command.setAction(Action.ABORT);
        command.setMode(CommandMode.SHADOW);
        metrics.command(command);

        Map<String, Object> read = new TreeMap<>();
        values.forEach((name, value) -> read.put(name, value.get()));
        assertThat(read)
                .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                        Map.entry("/edistream/live_sequences", 5L),
                        Map.entry("/edistream/sequences_started_total", 2L),
                        Map.entry("/edistream/sequences_finished_total", 1L),
                        Map.entry("/edistream/sequences_abandoned_total", 1L),
                        Map.entry("/edistream/tokens_total", 1L),
                        Map.entry("/edistream/gaps_total", 1L),
                        Map.entry("/edistream/missing_tokens_total", 4L),
                        Map.entry("/edistream/repeated_tokens_total", 3L),
                        Map.entry("/edistream/reason=bad_value/rejected_total", 2L),
                        Map.entry("/edistream/reason=unknown_sequence/rejected_again_total", 1L),
                        Map.entry("/edistream/kind=burst/spikes_total", 1L),
                        Map.entry("/edistream/action=abort/mode=shadow/commands_total", 1L)));
    }

    private final class Recording extends UnregisteredMetricsGroup {
        private final String path;

        Recording(String path) {
            this.path = path;
        }

        @Override
        public MetricGroup addGroup(String name) {
            return new Recording(path + "/" + name);
        }

        @Override
        public MetricGroup addGroup(String key, String value) {
            return new Recording(path + "/" + key + "=" + value);
        }

        @Override
        public Counter counter(String name) {
            Counter counter = new SimpleCounter();
            values.put(path + "/" + name, counter::getCount);
            return counter;
        }

        @Override
        public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
            values.put(path + "/" + name, gauge::getValue);
            return gauge;
        }
    }
}
