package io.edistream.jobs.sequences;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.jobs.Batches;
import io.edistream.jobs.sequences.SequenceState.Finished;
import io.edistream.jobs.sequences.SequenceState.Live;
import io.edistream.schemas.Token;
import io.edistream.signals.FirstRelease;
import io.edistream.signals.SignalOptions;
import io.edistream.signals.SpikeListener;
import io.edistream.signals.monitor.MonitorListener;
import io.edistream.signals.monitor.Policy;
import io.edistream.signals.monitor.SequenceInfo;
import io.edistream.signals.monitor.SequenceMonitor;
import io.edistream.signals.rules.AbortAbove;
import io.edistream.signals.rules.Decision;
import io.edistream.signals.rules.RuleHeader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * State that an earlier release stored must stay readable. Each file in {@code stored} holds the snapshot of the
 * serializer, a live sequence and an ended one: {@code v1.bin} as the first release wrote them, {@code v2.bin} as the
 * first with layout 2. {@link #main} wrote each once. They are never written again: a release with another layout adds a
 * file of its own.
 */
class StoredStateTest {

    private static final List<Policy> POLICIES = List.of(
            new Policy(SignalOptions.DEFAULT, List.of()),
            new Policy(
                    new SignalOptions(4, 1.0, 1.25, 2),
                    List.of(new AbortAbove(
                            new RuleHeader("abort-above", 2, true, Set.of("reasoner-s", "reasoner-l")),
                            "edis",
                            5,
                            10))));
    private static final int TOKENS = 60;

    @ParameterizedTest
    @ValueSource(strings = {"/stored/v1.bin", "/stored/v2.bin"})
    void stateOfAnEarlierReleaseIsReadAndGoesOn(String resource) throws Exception {
        DataInputDeserializer in = new DataInputDeserializer(stored(resource));
        TypeSerializer<SequenceState> serializer = TypeSerializerSnapshot.<SequenceState>readVersionedSnapshot(
                        in, getClass().getClassLoader())
                .restoreSerializer();
        Live live = (Live) serializer.deserialize(in);
        Finished finished = (Finished) serializer.deserialize(in);

        assertThat(in.available()).isZero();
        List<Policy> policies = ((SequenceStateSerializer) serializer).policies();
        assertThat(policies)
                .extracting(Policy::options)
                .containsExactlyElementsOf(
                        POLICIES.stream().map(Policy::options).toList());
        assertThat(policies)
                .extracting(Policy::rules)
                .containsExactlyElementsOf(POLICIES.stream().map(Policy::rules).toList());
        assertThat(live.monitor().policy()).isSameAs(policies.get(1));
        assertThat(live.monitor().info())
                .isEqualTo(new SequenceInfo(5, "reasoner-s", "default", 1, TokenCheck.maxEntropy(172), 3));
        assertThat(live.vocabularySize()).isEqualTo(172);
        assertThat(live.tokenClasses()).isEqualTo(3);
        assertThat(live.lastDecodedAtMicros()).isEqualTo(1_699_999_999_990_000L);
        assertThat(live.lastEventMillis()).isEqualTo(1_700_000_000_000L);
        assertThat(live.timerMillis()).isEqualTo(1_700_000_600_000L);
        assertThat(live.monitor().nextToken()).isEqualTo(TOKENS + 2);
        assertThat(live.monitor().missingTokens()).isEqualTo(2);
        assertThat(live.monitor().decisions()).isEqualTo(1);
        assertThat(finished.lastEventMillis()).isEqualTo(1_700_000_000_500L);
        assertThat(finished.timerMillis()).isEqualTo(1_700_000_060_500L);

        SequenceMonitor uninterrupted = monitor(TOKENS);
        assertOldScoresAreEqual(live.monitor(), uninterrupted);
        add(uninterrupted, TOKENS, 2 * TOKENS);
        add(live.monitor(), TOKENS, 2 * TOKENS);
        assertOldScoresAreEqual(live.monitor(), uninterrupted);
    }

    /** Signals that were added since are absent. */
    private static void assertOldScoresAreEqual(SequenceMonitor restored, SequenceMonitor uninterrupted) {
        assertThat(restored.signals().scores())
                .containsOnlyKeys(FirstRelease.names(POLICIES.get(1).options()));
        assertThat(uninterrupted.signals().scores())
                .containsAllEntriesOf(restored.signals().scores());
    }

    @Test
    void theFirstLayoutWithOtherSignalsThanTheFirstReleasesIsRefused() throws Exception {
        DataOutputSerializer out = new DataOutputSerializer(64);
        out.writeByte(0);
        POLICIES.get(0).options().write(out);
        out.writeInt(0);
        out.writeInt(1);
        out.writeUTF("a_signal_of_old");
        DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());

        assertThatThrownBy(() -> new SequenceStateSnapshot()
                        .readSnapshot(1, in, getClass().getClassLoader()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the signals [a_signal_of_old], the release with this layout had [edis, burst");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    void anotherLayoutIsRefused(int version) {
        assertThatThrownBy(() -> new SequenceStateSnapshot()
                        .readSnapshot(
                                version,
                                new DataInputDeserializer(new byte[0]),
                                getClass().getClassLoader()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("layout " + version + ", this release reads layouts 1 to 2");
    }

    private static byte[] stored(String resource) throws IOException {
        try (InputStream in = Objects.requireNonNull(StoredStateTest.class.getResourceAsStream(resource))) {
            return in.readAllBytes();
        }
    }

    /** Writes the file given as argument. */
    public static void main(String[] args) throws IOException {
        SequenceStateSerializer serializer = new SequenceStateSerializer(POLICIES);
        DataOutputSerializer out = new DataOutputSerializer(1024);
        TypeSerializerSnapshot.writeVersionedSnapshot(out, serializer.snapshotConfiguration());
        serializer.serialize(
                new Live(monitor(TOKENS), 172, 3, 1_699_999_999_990_000L, 1_700_000_000_000L, 1_700_000_600_000L), out);
        serializer.serialize(new Finished(1_700_000_000_500L, 1_700_000_060_500L), out);
        Files.write(Path.of(args[0]), out.getCopyOfBuffer());
    }

    private static SequenceMonitor monitor(int tokens) {
        SequenceMonitor monitor = new SequenceMonitor(
                POLICIES.get(1), new SequenceInfo(5, "reasoner-s", "default", 1, TokenCheck.maxEntropy(172), 3));
        add(monitor, 0, tokens);
        return monitor;
    }

    /** Tokens 20 and 21 are missing. */
    private static void add(SequenceMonitor monitor, int from, int to) {
        List<Token> tokens = Batches.random(17, to);
        for (int i = from; i < to; i++) {
            Token token = tokens.get(i);
            monitor.add(
                    i < 20 ? i : i + 2,
                    new io.edistream.signals.Token(
                            token.getEntropy(), token.getLogprob(), token.getConfidence(), token.getTokenClass()),
                    new Deaf());
        }
    }

    private static final class Deaf implements MonitorListener {
        @Override
        public void onSpike(int token, SpikeListener.Kind kind, double entropy, double baseline, double threshold) {}

        @Override
        public void onDecision(Decision decision, boolean armed) {}
    }
}
