package io.edistream.jobs;

import io.edistream.jobs.events.SequenceEvent;
import io.edistream.jobs.events.SequenceKey;
import io.edistream.jobs.sequences.SequenceOperator;
import io.edistream.jobs.sequences.SequenceSettings;
import io.edistream.schemas.Score;
import io.edistream.schemas.Topics;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The picture of the job.
 *
 * <pre>
 * token-entropy -> events of single sequences -> by sequence -> watch -> control
 *                                                                     -> scores
 *                                                                     -> spikes
 *                                                                     -> rejected
 * </pre>
 */
public final class Topology {

    private Topology() {}

    /** The whole job. No watermarks: the order of tokens is their index, and a silent partition holds up nobody. */
    public static void define(
            StreamExecutionEnvironment environment,
            Source<SequenceEvent, ?, ?> tokenEntropy,
            Sinks sinks,
            SequenceSettings settings,
            Topics topics) {
        define(
                environment
                        .fromSource(tokenEntropy, WatermarkStrategy.noWatermarks(), "token-entropy", SequenceEvent.TYPE)
                        .uid("token-entropy"),
                sinks,
                settings,
                topics);
    }

    /** The job behind its source. */
    public static void define(DataStream<SequenceEvent> events, Sinks sinks, SequenceSettings settings, Topics topics) {
        SingleOutputStreamOperator<Score> watched = events.keyBy(new BySequence(), SequenceKey.TYPE)
                .process(new SequenceOperator(settings, topics.tokenEntropy()), SequenceOperator.SCORES)
                .name("watch")
                .uid("watch");

        watched.getSideOutput(SequenceOperator.COMMANDS)
                .sinkTo(sinks.control())
                .name("control")
                .uid("control");
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

    private static final class BySequence implements KeySelector<SequenceEvent, SequenceKey> {
        @Override
        public SequenceKey getKey(SequenceEvent event) {
            return event.key();
        }
    }
}
