package io.edistream.jobs.sequences;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.jobs.Batches;
import io.edistream.jobs.Batches.Sample;
import io.edistream.jobs.watch.SequenceState;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.signals.Burst;
import io.edistream.signals.Scoring;
import io.edistream.signals.rules.Act;
import io.edistream.signals.rules.LimitScope;
import io.edistream.signals.rules.Mode;
import io.edistream.signals.rules.RuleKey;
import io.edistream.signals.rules.Rules;
import io.edistream.signals.rules.Rules.Setting;
import io.edistream.signals.rules.Threshold;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** State per sequence is what limits how many run at once. {@code deploy/README.md} names these bounds. */
class StateSizeTest {

    private static final int TOKENS = 16_000;
    private static final LimitScope SCOPE = LimitScope.ofModels("reasoner-s");

    private static final List<Threshold> RULES = List.of(
            Threshold.above(new RuleKey("abort-above", 1), SCOPE, "edis", 11, new Act.Abort(true)),
            Threshold.above(new RuleKey("branch-above", 1), SCOPE, Threshold.NEWEST_ENTROPY, 3, new Act.Branch(2, 8)),
            Threshold.above(new RuleKey("reroute-above", 1), SCOPE, "edis", 11, new Act.Reroute("large", false)),
            Threshold.above(new RuleKey("conclude-above", 1), SCOPE, "edis", 11, new Act.Conclude("")));

    private static Rules rules(int count) {
        return new Rules(RULES.stream()
                .limit(count)
                .map(rule -> new Setting(rule, Mode.SHADOW))
                .toList());
    }

    static Stream<Arguments> bounds() {
        return Stream.of(
                Arguments.of(Named.of("defaults", WatchSettings.DEFAULT), 320),
                Arguments.of(
                        Named.of("defaults and two rules that fired", WatchSettings.of(Scoring.DEFAULT, rules(2))),
                        370),
                Arguments.of(
                        Named.of("defaults and four rules that fired", WatchSettings.of(Scoring.DEFAULT, rules(4))),
                        420),
                Arguments.of(
                        Named.of(
                                "defaults and a tracked class",
                                WatchSettings.of(Scoring.DEFAULT.withTrackedClass("digit"), Rules.NONE)),
                        560),
                Arguments.of(
                        Named.of(
                                "largest options",
                                WatchSettings.of(new Scoring(Burst.MAX_WINDOW_TOKENS, 1.36, 1.33, "digit"), rules(4))),
                        1_100));
    }

    @ParameterizedTest
    @MethodSource("bounds")
    void aLongSequenceFits(WatchSettings settings, int maxBytes) throws Exception {
        try (SequenceHarness job = SequenceHarness.open(Backend.HEAP, settings)) {
            long counter = 1_000_000;
            List<Sample> tokens = Batches.random(1, TOKENS);
            job.feed(Batches.batch(0).start(counter));
            for (int i = 0; i < TOKENS; i += 100) {
                // Times as they are today, which take more bytes than small ones.
                job.feed(Batches.batch(1 + i)
                        .at(1_767_225_600_000_000L + i * 20_000L)
                        .run(counter, i, tokens.subList(i, i + 100)));
            }

            SequenceState state = job.sequence(Batches.GENERATOR, counter);
            DataOutputSerializer out = new DataOutputSerializer(512);
            SequenceStateSerializer.INSTANCE.serialize(state, out);
            assertThat(out.length()).isLessThanOrEqualTo(maxBytes);
            assertThat(job.rejected()).isEmpty();
            assertThat(job.scores().get(job.scores().size() - 1).getDecisions())
                    .as("every rule fired")
                    .isEqualTo(settings.rules().settings().size());
        }
    }
}
