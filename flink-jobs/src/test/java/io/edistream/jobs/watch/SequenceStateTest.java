package io.edistream.jobs.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.signals.Catalogue;
import io.edistream.signals.EntropyKind;
import io.edistream.signals.EntropyKind.Distribution;
import io.edistream.signals.Scoring;
import io.edistream.signals.StateInput;
import io.edistream.signals.StateOutput;
import io.edistream.signals.monitor.SequenceInfo;
import io.edistream.signals.monitor.SequenceMonitor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SequenceStateTest {

    private static SequenceInfo info(EntropyKind kind, String request, long group) {
        return new SequenceInfo(
                group, "reasoner-s", "default", request, kind, 172, TokenCheck.maxEntropyNats(172), 3, 9);
    }

    private static byte[] stored(SequenceState state) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        state.write(new StateOutput(new DataOutputStream(bytes)));
        return bytes.toByteArray();
    }

    private static SequenceState read(byte[] stored) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(stored));
        SequenceState read = SequenceState.read(new StateInput(in));
        assertThat(in.read()).isNegative();
        return read;
    }

    @Test
    void isReadAsItWasWrittenWhateverTheKindAndTheScoring() throws IOException {
        List<EntropyKind> kinds = new ArrayList<>();
        for (Distribution distribution : Distribution.values()) {
            kinds.add(new EntropyKind(distribution, true, 0));
            kinds.add(new EntropyKind(distribution, false, 20));
        }
        List<Scoring> scorings =
                List.of(Scoring.DEFAULT, Scoring.DEFAULT.withTrackedClass("digit"), new Scoring(3, 0.5, 0.25, ""));
        for (EntropyKind kind : kinds) {
            for (Scoring scoring : scorings) {
                for (long group : new long[] {0, Long.MAX_VALUE, Long.MIN_VALUE}) {
                    Catalogue catalogue = SequenceState.catalogue(scoring);
                    SequenceMonitor monitor = new SequenceMonitor(catalogue, info(kind, "é".repeat(256), group), 1);
                    monitor.addUnmeasured(3, 4, 77);
                    SequenceState state = new SequenceState(catalogue, monitor, 12_345);
                    SequenceState read = read(stored(state));
                    assertThat(read.monitor().info()).isEqualTo(monitor.info());
                    assertThat(read.catalogue()).isSameAs(catalogue);
                    assertThat(read.lastEventMicros()).isEqualTo(12_345);
                    assertThat(read.monitor().nextToken()).isEqualTo(7);
                    assertThat(read.monitor().signals().hasClass()).isEqualTo(scoring.tracksClass());
                    assertThat(stored(read)).isEqualTo(stored(state));
                }
            }
        }
    }

    @Test
    void anEventMovesItsTime() {
        Catalogue catalogue = SequenceState.catalogue(Scoring.DEFAULT);
        SequenceState state =
                new SequenceState(catalogue, new SequenceMonitor(catalogue, info(EntropyKind.RAW_EXACT, "", 0), 0), 5);
        state.touched(9);
        assertThat(state.lastEventMicros()).isEqualTo(9);
    }

    @Test
    void damageIsSaid() throws IOException {
        Catalogue catalogue = SequenceState.catalogue(Scoring.DEFAULT);
        byte[] stored = stored(
                new SequenceState(catalogue, new SequenceMonitor(catalogue, info(EntropyKind.RAW_EXACT, "", 0), 0), 5));
        // Flags, group and three names with their lengths lie before the distribution.
        int distribution = 1 + 1 + 1 + "reasoner-s".length() + 1 + "default".length() + 1;
        stored[distribution] = 4;
        assertThatThrownBy(() -> read(stored))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged: distribution 4");
    }
}
