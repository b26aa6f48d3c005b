package io.edistream.jobs.sequences;

import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.random;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.schemas.Command;
import io.edistream.schemas.Score;
import io.edistream.schemas.Token;
import io.edistream.signals.Accumulator;
import io.edistream.signals.Catalogue;
import io.edistream.signals.DerivedSignal;
import io.edistream.signals.MeasuredSignal;
import io.edistream.signals.SequenceEntropy;
import io.edistream.signals.Signal;
import io.edistream.signals.SignalOptions;
import io.edistream.signals.SpikeCount;
import io.edistream.signals.SpikeListener;
import io.edistream.signals.StateInput;
import io.edistream.signals.StateOutput;
import io.edistream.signals.TailConfidence;
import io.edistream.signals.TokenWindow;
import io.edistream.signals.monitor.Policy;
import io.edistream.signals.rules.AbortAbove;
import io.edistream.signals.rules.BranchAbove;
import io.edistream.signals.rules.Rule;
import io.edistream.signals.rules.RuleHeader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.junit.jupiter.api.Test;

/** Savepoints of releases with other signals. The other releases are made up; the one that restores is this one. */
class StoredStateMigrationTest {

    private static final SignalOptions OPTIONS = SignalOptions.DEFAULT.withTrackedClass(1);
    private static final List<Signal> NOW = new Catalogue(OPTIONS).signals();
    private static final List<Token> TOKENS = random(11, 100);
    private static final int CUT = 40;

    private static final Rule FORK = new BranchAbove(new RuleHeader("fork", 1, false, Set.of()), 1.0, 2, 8, 1);
    private static final Rule ON_GONE =
            new AbortAbove(new RuleHeader("abort-on-gone", 1, false, Set.of()), "largest_entropy", 100, 0);

    @Test
    void aDerivedSignalThatIsAddedBreaksNoStoredState() throws Exception {
        Policy before =
                policy(NOW.stream().filter(MeasuredSignal.class::isInstance).toList(), List.of());
        Policy now = policy(NOW, List.of());
        assertThat(NOW).anyMatch(DerivedSignal.class::isInstance);

        assertThat(compatibility(before, now).isCompatibleAsIs()).isTrue();
        assertThat(finalAcross(before, now)).isEqualTo(uninterrupted(now));
    }

    @Test
    void aDerivedSignalThatIsRemovedBreaksNoStoredState() throws Exception {
        List<Signal> more = new ArrayList<>(NOW);
        more.add(0, new EntropyPerSpike());
        Policy before = policy(
                more,
                List.of(new AbortAbove(new RuleHeader("abort", 1, false, Set.of()), "entropy_per_spike", 9e9, 0)));
        Policy now = policy(NOW, List.of());

        assertThat(finalAcross(before, now).getSignals())
                .isEqualTo(uninterrupted(now).getSignals());
    }

    @Test
    void measuredSignalsMayBeAddedRemovedAndChanged() throws Exception {
        // Then: the largest entropy, no tail confidence, spikes from 0.5 nats on.
        List<Signal> then = new ArrayList<>(List.of(new LargestEntropy()));
        NOW.forEach(signal -> then.add(signal instanceof SpikeCount ? new SpikeCount(0.5) : signal));
        then.removeIf(TailConfidence.class::isInstance);
        Policy before = policy(then, List.of(ON_GONE, FORK));
        Policy now = policy(NOW, List.of(FORK));

        assertThat(compatibility(before, now).isCompatibleWithReconfiguredSerializer())
                .isTrue();
        Score last = finalAcross(before, now);

        Map<String, Double> expected = uninterrupted(now).getSignals();
        expected.keySet()
                .removeAll(Set.of("tail_confidence", "class_1.tail_confidence", "spike_count", "class_1.spike_count"));
        assertThat(last.getSignals()).isEqualTo(expected);
        assertThat(last.getTokens()).isEqualTo(TOKENS.size());
        // The fork fired before the restore and does not fire again; the abort cannot.
        assertThat(last.getCommands()).isEqualTo(1);
    }

    @Test
    void sequencesThatStartAfterwardsHaveAllSignals() throws Exception {
        List<Signal> then = new ArrayList<>(NOW);
        then.removeIf(TailConfidence.class::isInstance);
        Policy now = policy(NOW, List.of(FORK));
        OperatorSubtaskState state = begun(policy(then, List.of(FORK)));

        try (SequenceHarness job = SequenceHarness.restore(SequenceSettings.of(now), state, 0)) {
            job.feed(batch(0).start(2).run(2, 0, TOKENS).finish(2, TOKENS.size()));

            assertThat(job.finals(2).get(0).getSignals())
                    .isEqualTo(uninterrupted(now).getSignals());
            assertThat(job.commands()).extracting(Command::getRule).containsExactly("fork");
        }
    }

    private static Policy policy(List<Signal> signals, List<Rule> rules) {
        return new Policy(new Catalogue(OPTIONS, signals), rules);
    }

    /** What Flink is told when it restores what a job with the one policy stored in a job with the other. */
    private static TypeSerializerSchemaCompatibility<SequenceState> compatibility(Policy before, Policy now)
            throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(1024);
        TypeSerializerSnapshot.writeVersionedSnapshot(
                out, new SequenceStateSerializer(List.of(before)).snapshotConfiguration());
        TypeSerializerSnapshot<SequenceState> stored = TypeSerializerSnapshot.readVersionedSnapshot(
                new DataInputDeserializer(out.getCopyOfBuffer()), StoredStateMigrationTest.class.getClassLoader());
        return new SequenceStateSerializer(List.of(now)).snapshotConfiguration().resolveSchemaCompatibility(stored);
    }

    /** The state of a job in which a sequence has begun. */
    private static OperatorSubtaskState begun(Policy policy) throws Exception {
        try (SequenceHarness job = SequenceHarness.open(SequenceSettings.of(policy))) {
            job.feed(batch(0).start(1).run(1, 0, TOKENS.subList(0, CUT)));
            assertThat(job.scores(1)).last().satisfies(score -> assertThat(score.getSignals())
                    .containsOnlyKeys(policy.catalogue().names()));
            return job.snapshot();
        }
    }

    /** The final score of a sequence that begins with one policy and goes on, over two restores, with another. */
    private static Score finalAcross(Policy before, Policy now) throws Exception {
        OperatorSubtaskState state = begun(before);
        try (SequenceHarness job = SequenceHarness.restore(SequenceSettings.of(now), state, 0)) {
            job.feed(batch(0).run(1, CUT, TOKENS.subList(CUT, CUT + 1)));
            state = job.snapshot();
        }
        try (SequenceHarness job = SequenceHarness.restore(SequenceSettings.of(now), state, 0)) {
            job.feed(batch(0).run(1, CUT + 1, TOKENS.subList(CUT + 1, TOKENS.size()))
                    .finish(1, TOKENS.size()));
            assertThat(job.rejected()).isEmpty();
            return job.finals(1).get(0);
        }
    }

    private static Score uninterrupted(Policy policy) throws Exception {
        try (SequenceHarness job = SequenceHarness.open(SequenceSettings.of(policy))) {
            job.feed(batch(0).start(1).run(1, 0, TOKENS).finish(1, TOKENS.size()));
            return job.finals(1).get(0);
        }
    }

    /** A derived signal of another release. */
    private record EntropyPerSpike() implements DerivedSignal {
        @Override
        public String name() {
            return "entropy_per_spike";
        }

        @Override
        public List<MeasuredSignal> inputs() {
            return List.of(new SequenceEntropy(), SpikeCount.DEFAULT);
        }

        @Override
        public double score(int tokens, double[] inputs) {
            return inputs[0] / (1 + inputs[1]);
        }
    }

    /** A measured signal of another release, which stores numbers of every kind. */
    private record LargestEntropy() implements MeasuredSignal {
        @Override
        public String name() {
            return "largest_entropy";
        }

        @Override
        public Accumulator newAccumulator() {
            return new Accumulator() {
                private double largest;
                private int at = 1_000;

                @Override
                public void add(TokenWindow window, SpikeListener spikes) {
                    largest = Math.max(largest, window.entropy(0));
                    at++;
                }

                @Override
                public double score(TokenWindow window) {
                    return largest;
                }

                @Override
                public void write(StateOutput out) throws IOException {
                    out.writeDouble(largest);
                    out.writeCount(at);
                    out.writeFloat(largest);
                }

                @Override
                public void read(StateInput in) throws IOException {
                    largest = in.readDouble();
                    at = in.readCount();
                    largest = in.readFloat();
                }
            };
        }
    }
}
