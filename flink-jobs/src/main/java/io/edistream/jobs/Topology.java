package io.edistream.jobs;

import io.edistream.jobs.sequences.JobIdentity;
import io.edistream.jobs.sequences.SequenceOperator;
import io.edistream.jobs.source.SourceRecord;
import io.edistream.jobs.watch.WatchSettings;
import io.edistream.schemas.Score;
import io.edistream.schemas.Topics;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The picture of the job.
 *
 * <pre>
 * token-entropy -> records as they came -> by source -> watch -> control (commands, heartbeats)
 *                                                             -> scores
 *                                                             -> spikes
 *                                                             -> rejected
 * </pre>
 *
 * <p>A record stays whole: it comes whole and in order, and nothing behind needs it cut.
 */
public final class Topology {

    /** Silence after which a partition no longer holds back what is known of how far all of them were read. */
    private static final Duration PARTITION_IDLE = Duration.ofSeconds(5);

    private Topology() {}

    /**
     * The whole job. Watermarks are the times of records in Kafka. No output depends on them: they only tell a task
     * whether records still wait, so that it does not take a source for silent whose records it has not come to yet.
     */
    public static void define(
            StreamExecutionEnvironment environment,
            Source<SourceRecord, ?, ?> tokenEntropy,
            Sinks sinks,
            WatchSettings settings,
            JobIdentity job,
            Topics topics) {
        define(
                environment
                        .fromSource(
                                tokenEntropy,
                                WatermarkStrategy.<SourceRecord>forMonotonousTimestamps()
                                        .withIdleness(PARTITION_IDLE),
                                "token-entropy",
                                SourceRecord.TYPE)
                        .uid("token-entropy"),
                sinks,
                settings,
                job,
                topics);
    }

    /** The job behind its source. */
    public static void define(
            DataStream<SourceRecord> records, Sinks sinks, WatchSettings settings, JobIdentity job, Topics topics) {
        SingleOutputStreamOperator<Score> watched = records.keyBy(new BySource(), Types.LONG)
                .transform("watch", SequenceOperator.SCORES, new SequenceOperator(settings, job, topics.tokenEntropy()))
                .uid("watch");

        watched.getSideOutput(SequenceOperator.COMMANDS)
                .sinkTo(sinks.control())
                .name("control")
                .uid("control");
        watched.getSideOutput(SequenceOperator.HEARTBEATS)
                .sinkTo(sinks.heartbeats())
                .name("heartbeats")
                .uid("heartbeats");
        watched.sinkTo(sinks.scores()).name("scores").uid("scores");
        watched.getSideOutput(SequenceOperator.SPIKES)
                .sinkTo(sinks.spikes())
                .name("spikes")
                .uid("spikes");
        watched.getSideOutput(SequenceOperator.REJECTED)
                .sinkTo(sinks.rejected())
                .name("rejected")
                .uid("rejected");
    }

    private static final class BySource implements KeySelector<SourceRecord, Long> {
        @Override
        public Long getKey(SourceRecord record) {
            return record.key();
        }
    }
}
