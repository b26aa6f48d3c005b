package io.edistream.jobs.sequences;

import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.measured;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.jobs.Batches;
import io.edistream.jobs.Batches.Sample;
import io.edistream.jobs.watch.SequenceState;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.signals.Scoring;
import io.edistream.signals.rules.Act;
import io.edistream.signals.rules.LimitScope;
import io.edistream.signals.rules.Mode;
import io.edistream.signals.rules.RuleKey;
import io.edistream.signals.rules.Rules;
import io.edistream.signals.rules.Threshold;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

/**
 * Bytes that a checkpoint held. Signals have no names in a state, so a catalogue that changes without the version of the
 * layout would read numbers into the wrong places: this test is what notices.
 */
class StoredLayoutTest {

    private static final String FILE = "sequence-state-v1.hex";

    @Test
    void aStoredSequenceIsWhatItWas() throws Exception {
        WatchSettings settings = WatchSettings.of(
                Scoring.DEFAULT.withTrackedClass("digit"),
                Rules.of(
                        Threshold.above(
                                new RuleKey("stop", 1),
                                LimitScope.ofModels("reasoner-s"),
                                "edis",
                                1,
                                new Act.Abort(true)),
                        Mode.ARMED));
        List<Sample> tokens = measured(5, 60);
        try (SequenceHarness job = SequenceHarness.open(Backend.HEAP, settings)) {
            job.feed(batch(0).start(7));
            job.feed(batch(1).run(7, 0, tokens.subList(0, 40)).bareRun(7, 0, 0));
            job.feed(batch(2).run(7, 41, tokens.subList(40, 60)));
            SequenceState state = job.sequence(Batches.GENERATOR, 7);

            DataOutputSerializer out = new DataOutputSerializer(512);
            SequenceStateSerializer.INSTANCE.serialize(state, out);
            String now = HexFormat.of().formatHex(out.getCopyOfBuffer());
            assertThat(now)
                    .as(
                            "the layout of stored sequences changed: raise SequenceStateSerializer.Snapshot.VERSION and store"
                                    + " the new bytes in %s",
                            FILE)
                    .isEqualTo(stored());

            // And what was stored goes on where it was.
            SequenceState read = SequenceStateSerializer.INSTANCE.deserialize(
                    new DataInputDeserializer(HexFormat.of().parseHex(stored())));
            DataOutputSerializer again = new DataOutputSerializer(512);
            SequenceStateSerializer.INSTANCE.serialize(read, again);
            assertThat(again.getCopyOfBuffer()).isEqualTo(out.getCopyOfBuffer());
        }
    }

    private static String stored() throws Exception {
        try (InputStream in = StoredLayoutTest.class.getResourceAsStream(FILE)) {
            return in == null ? "" : new String(in.readAllBytes(), StandardCharsets.US_ASCII).replaceAll("\\s", "");
        }
    }
}
