package io.edistream.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.embedded.EmbeddedFlink;
import io.edistream.jobs.sequences.JobIdentity;
import io.edistream.jobs.source.SourceRecord;
import io.edistream.schemas.Command;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.Spike;
import io.edistream.schemas.Topics;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The whole job but Kafka, on a cluster with four slots: several sources, and what they did wrong. */
class TopologyITCase {

    private static final long SEED = 5;
    private static final int RECORDS_PER_CHECKPOINT = 100;
    private static final int FAIL_AT_RECORD = 1_000;
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @SuppressWarnings("NullAway.Init")
    private static EmbeddedFlink flink;

    @BeforeAll
    static void start() {
        flink = EmbeddedFlink.start(4);
    }

    @AfterAll
    static void stop() {
        flink.close();
    }

    @Test
    void theSameRecordsGiveTheSameBytesWhateverTheParallelism() {
        Outputs once = run("once", 1, false);
        Outputs again = run("again", 1, false);
        Outputs parallel = run("parallel", 2, false);
        Outputs more = run("more", 4, false);

        assertThat(once.bytes().get("scores")).hasSize(Recording.GENERATORS * Recording.SEQUENCES);
        assertThat(once.scores.records())
                .filteredOn(score -> score.getFinishReason() == FinishReason.ABANDONED)
                .isNotEmpty()
                .noneMatch(Score::getClosedByClock);
        assertThat(once.bytes().get("control")).isNotEmpty();
        assertThat(once.bytes().get("spikes")).isNotEmpty();
        assertThat(once.bytes().get("rejected")).isNotEmpty();
        assertThat(again.bytes()).isEqualTo(once.bytes());
        assertThat(parallel.bytes()).isEqualTo(once.bytes());
        assertThat(more.bytes()).isEqualTo(once.bytes());
    }

    @Test
    void aFailureLosesNothingAndChangesNothing() {
        Outputs expected = run("undisturbed", 2, false);
        Outputs disturbed = run("disturbed", 2, true);

        assertThat(FailOnce.FAILURES).hasValue(1);
        // At least once: records may come twice, but then as the same bytes.
        assertThat(distinct(disturbed)).isEqualTo(distinct(expected));
        // The budget of rejections is not part of the state, and begins anew.
        assertThat(disturbed.rejected.records())
                .hasSizeGreaterThanOrEqualTo(expected.rejected.records().size());
        assertThat(disturbed.scores.records().stream().filter(Score::getFinal$).distinct())
                .hasSize(Recording.GENERATORS * Recording.SEQUENCES);
    }

    private static Outputs run(String name, int parallelism, boolean failing) {
        StreamExecutionEnvironment environment = flink.environment();
        environment.configure(new RuntimeOptions(parallelism, Duration.ofMillis(20), Optional.empty()).configuration());
        Configuration restarts = new Configuration();
        restarts.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        restarts.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, failing ? 1 : 0);
        restarts.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ZERO);
        environment.configure(restarts);

        Outputs outputs = new Outputs(name);
        var records = environment
                .fromSource(source(failing), WatermarkStrategy.noWatermarks(), "recording", SourceRecord.TYPE)
                .setParallelism(1)
                .uid("recording");
        if (failing) {
            FailOnce.FAILURES.set(0);
            records = records.map(new FailOnce())
                    .returns(SourceRecord.TYPE)
                    .setParallelism(1)
                    .uid("fail-once");
        }
        Topology.define(records, outputs.sinks(), Recording.SETTINGS, new JobIdentity("test", "0"), Topics.DEFAULT);
        flink.submit(environment, name).awaitFinished(LIMIT);
        return outputs;
    }

    /** Some records per checkpoint, so that the failure comes after several. */
    private static DataGeneratorSource<SourceRecord> source(boolean throttled) {
        return new DataGeneratorSource<>(
                new Replay(),
                Recording.records(SEED).size(),
                throttled ? RateLimiterStrategy.perCheckpoint(RECORDS_PER_CHECKPOINT) : RateLimiterStrategy.noOp(),
                SourceRecord.TYPE);
    }

    private static Map<String, Map<Object, Set<String>>> distinct(Outputs outputs) {
        Map<String, Map<Object, Set<String>>> distinct = new LinkedHashMap<>();
        Map<String, Map<Object, List<String>>> compared = outputs.bytes();
        compared.remove("rejected");
        compared.forEach((output, byKey) -> {
            Map<Object, Set<String>> sets = new LinkedHashMap<>();
            byKey.forEach((key, bytes) -> sets.put(key, new HashSet<>(bytes)));
            distinct.put(output, sets);
        });
        return distinct;
    }

    private static final class Replay implements GeneratorFunction<Long, SourceRecord> {
        private static final List<SourceRecord> RECORDS = Recording.records(SEED);

        @Override
        public SourceRecord map(Long index) {
            return RECORDS.get(Math.toIntExact(index));
        }
    }

    private static final class FailOnce implements MapFunction<SourceRecord, SourceRecord> {
        static final AtomicInteger FAILURES = new AtomicInteger();

        private int records;

        @Override
        public SourceRecord map(SourceRecord record) {
            if (++records == FAIL_AT_RECORD && FAILURES.compareAndSet(0, 1)) {
                throw new IllegalStateException("failure on purpose");
            }
            return record;
        }
    }

    /** What one run wrote. */
    private static final class Outputs {
        private final CollectingSink<Command> control;
        private final CollectingSink<Heartbeat> heartbeats;
        private final CollectingSink<Score> scores;
        private final CollectingSink<Spike> spikes;
        private final CollectingSink<Rejected> rejected;

        Outputs(String run) {
            control = new CollectingSink<>(run + "-control");
            heartbeats = new CollectingSink<>(run + "-heartbeats");
            scores = new CollectingSink<>(run + "-scores");
            spikes = new CollectingSink<>(run + "-spikes");
            rejected = new CollectingSink<>(run + "-rejected");
        }

        Sinks sinks() {
            return new Sinks(control, heartbeats, scores, spikes, rejected);
        }

        Map<String, Map<Object, List<String>>> bytes() {
            Map<String, Map<Object, List<String>>> bytes = new LinkedHashMap<>();
            bytes.put("control", control.bytesBy(Command.class, Command::getSequence));
            bytes.put("scores", scores.bytesBy(Score.class, Score::getSequence));
            bytes.put("spikes", spikes.bytesBy(Spike.class, Spike::getSequence));
            bytes.put("rejected", rejected.bytesBy(Rejected.class, Rejected::getSequence));
            return bytes;
        }
    }
}
