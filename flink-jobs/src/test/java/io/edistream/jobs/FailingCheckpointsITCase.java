package io.edistream.jobs;

import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.newStart;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.embedded.EmbeddedFlink;
import io.edistream.jobs.sequences.JobIdentity;
import io.edistream.jobs.source.SourceRecord;
import io.edistream.jobs.source.SourceRecord.Undecoded;
import io.edistream.jobs.watch.Origin;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.schemas.Score;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.Topics;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource.NumberSequenceSplit;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiter;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Checkpoints in the JobManager's memory, and more live sequences for a while than it takes. */
class FailingCheckpointsITCase {

    /** With names as long as allowed, some 7 MiB of state; memory takes 5 of one task. */
    private static final int SEQUENCES = 12_000;

    private static final String LONG_NAME = "m".repeat(256);
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @BeforeEach
    void reset() {
        Watch.firstFailure = new CompletableFuture<>();
    }

    @Test
    void aCheckpointThatFailsDoesNotRestartTheJob() {
        Configuration settings = new Configuration();
        settings.set(CheckpointingOptions.CHECKPOINT_STORAGE, "jobmanager");
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        CollectingSink<Score> scores = new CollectingSink<>("failing-checkpoints");
        try (EmbeddedFlink flink = EmbeddedFlink.start(1, settings)) {
            StreamExecutionEnvironment environment = flink.environment();
            environment.configure(new RuntimeOptions(1, Duration.ofSeconds(1), Optional.empty()).configuration());
            var records = environment
                    .fromSource(source(), WatermarkStrategy.noWatermarks(), "many", SourceRecord.TYPE)
                    .uid("many")
                    .map(new Watch())
                    .returns(SourceRecord.TYPE)
                    .uid("watch-checkpoints");
            Sinks sinks = new Sinks(
                    new CollectingSink<>("failing-control"),
                    new CollectingSink<>("failing-heartbeats"),
                    scores,
                    new CollectingSink<>("failing-spikes"),
                    new CollectingSink<>("failing-rejected"));
            Topology.define(records, sinks, WatchSettings.DEFAULT, new JobIdentity("test", "0"), Topics.DEFAULT);

            flink.submit(environment, "failing-checkpoints").awaitFinished(LIMIT);
        }

        assertThat(Watch.firstFailure).isCompleted();
        assertThat(scores.records()).hasSize(SEQUENCES);
    }

    private static DataGeneratorSource<SourceRecord> source() {
        return new DataGeneratorSource<>(new Many(), 2 * SEQUENCES, new FinishesAfterAFailure(), SourceRecord.TYPE);
    }

    /** All starts, then all finishes. */
    private static final class Many implements GeneratorFunction<Long, SourceRecord> {
        @Override
        public SourceRecord map(Long index) {
            long counter = index % SEQUENCES;
            Batches batch = batch(index);
            if (index < SEQUENCES) {
                SequenceStart start = newStart(counter);
                start.setModel(LONG_NAME);
                start.setRoute(LONG_NAME);
                batch.start(start);
            } else {
                batch.finish(counter, 0);
            }
            return new Undecoded(Batches.GENERATOR, new Origin(0, index), batch.bytes());
        }
    }

    /** Lets the starts pass, and the finishes once a checkpoint has failed. */
    private static final class FinishesAfterAFailure implements RateLimiterStrategy<NumberSequenceSplit> {
        @Override
        public RateLimiter<NumberSequenceSplit> createRateLimiter(int parallelism) {
            return new RateLimiter<>() {
                private int passed;

                @Override
                public CompletionStage<Void> acquire(int events) {
                    passed += events;
                    return passed <= SEQUENCES ? CompletableFuture.completedFuture(null) : Watch.firstFailure;
                }
            };
        }
    }

    private static final class Watch implements MapFunction<SourceRecord, SourceRecord>, CheckpointListener {
        static volatile CompletableFuture<Void> firstFailure = new CompletableFuture<>();

        @Override
        public SourceRecord map(SourceRecord record) {
            return record;
        }

        @Override
        public void notifyCheckpointComplete(long checkpointId) {}

        @Override
        public void notifyCheckpointAborted(long checkpointId) {
            firstFailure.complete(null);
        }
    }
}
