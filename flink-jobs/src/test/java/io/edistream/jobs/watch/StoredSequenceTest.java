package io.edistream.jobs.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.edistream.jobs.Batches;
import io.edistream.schemas.Distribution;
import io.edistream.schemas.EntropyKind;
import io.edistream.schemas.Measurement;
import io.edistream.schemas.SequenceStart;
import io.edistream.signals.Catalogue;
import io.edistream.signals.Scoring;
import io.edistream.signals.StateInput;
import io.edistream.signals.StateOutput;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class StoredSequenceTest {

    private static SequenceState read(byte[] stored) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(stored));
        SequenceState read = SequenceState.read(new StateInput(in));
        assertThat(in.read()).isNegative();
        return read;
    }

    @Test
    void everyKindAndScoringIsReadAsItWasWritten() throws IOException {
        List<EntropyKind> kinds = List.of(
                new EntropyKind(Distribution.RAW, Measurement.EXACT, 0),
                new EntropyKind(Distribution.TEMPERED, Measurement.EXACT, 0),
                new EntropyKind(Distribution.RAW, Measurement.BOUNDED, 20),
                new EntropyKind(Distribution.PROCESSED, Measurement.BOUNDED, 5));
        for (EntropyKind kind : kinds) {
            for (Scoring scoring : List.of(Scoring.DEFAULT, new Scoring(3, 0.6, 0.8, "result"))) {
                SequenceStart start = Batches.newStart(1);
                start.setEntropyKind(kind);
                start.setGroup(70);
                start.setRoute("large");
                start.setRequest("ask-7");
                Catalogue catalogue = SequenceState.catalogue(scoring);
                SequenceState state = new SequenceState(catalogue, Starts.monitor(start, catalogue), 123);
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                state.write(new StateOutput(new DataOutputStream(bytes)));

                SequenceState read = read(bytes.toByteArray());
                assertThat(read.monitor().info()).isEqualTo(state.monitor().info());
                assertThat(Kinds.record(read.monitor().info().entropyKind())).isEqualTo(kind);
                assertThat(read.catalogue()).isSameAs(catalogue);
                assertThat(read.lastEventMicros()).isEqualTo(123);
            }
        }
    }

    /** Exact and of the default scoring, no group, three empty names, and a distribution behind the last. */
    @Test
    void damageIsSaid() {
        byte behind = (byte) io.edistream.signals.EntropyKind.Distribution.values().length;
        assertThatIOException()
                .isThrownBy(() -> read(new byte[] {3, 0, 0, 0, 0, behind}))
                .withMessage("stored state is damaged: distribution " + behind);
    }
}
