package io.edistream.sequences.kafka;

import io.edistream.schemas.Topics;
import io.edistream.sequences.Continuation;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.SamplingChange;
import io.edistream.sequences.TokenStats;
import io.edistream.sequences.ToldSampling;
import io.edistream.sequences.control.ControlAction;
import io.edistream.sequences.control.ControlCommand;
import io.edistream.sequences.control.ControlCommand.Arguments;
import io.edistream.sequences.control.ControlCommand.Cause;
import io.edistream.sequences.control.ControlCommand.Timing;
import io.edistream.sequences.event.EntropyKind;
import io.edistream.sequences.event.SamplingChanged;
import io.edistream.sequences.event.SequenceEnded;
import io.edistream.sequences.event.SequenceEnded.Delivery;
import io.edistream.sequences.event.SequenceStarted;
import io.edistream.sequences.event.StepEvents;
import io.edistream.sequences.event.TokenRun;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Events, commands and options for the Kafka tests. */
final class Samples {

    static final long GENERATOR = 0x0123_4567_89AB_CDEFL;

    static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private Samples() {}

    static StepEvents token(int index) {
        return new StepEvents(1000 + index, List.of(), List.of(run(index)), List.of());
    }

    static TokenRun run(int index) {
        TokenStats stats = new TokenStats(17, .5f + index, -.25f, 3f, 4f, 5f, 2);
        return new TokenRun(8, index, List.of(DecodedToken.drawn(stats, 1)), "secret bit " + index);
    }

    /** A step with the start or the end of a sequence, or both, and no tokens. */
    static StepEvents lifecycle(long sequence, boolean starts, boolean ends) {
        SequenceEnded end =
                new SequenceEnded(sequence, 3, EndReason.LENGTH, false, Delivery.all(3), 2000, null, null, null, "");
        return new StepEvents(
                2000, starts ? List.of(start(sequence)) : List.of(), List.of(), ends ? List.of(end) : List.of());
    }

    static StepEvents wholeLife() {
        SequenceEnded end = new SequenceEnded(
                8, 1, EndReason.ABORTED, true, new Delivery(1, 2, 3), 6, 4, "67", true, "secret text");
        SamplingChanged change = new SamplingChanged(8, 0, new Sampling(.5, 0, 1, 0, 43));
        return new StepEvents(5, List.of(start(8)), List.of(change), List.of(run(0)), List.of(end));
    }

    static SequenceStarted start(long sequence) {
        return new SequenceStarted(
                sequence,
                7,
                "reasoner-s",
                "default",
                "djl",
                EntropyKind.RAW_EXACT,
                162,
                30,
                7L,
                4,
                new Continuation(6, Continuation.Cause.REROUTE, Continuation.Method.BY_TEXT, 5),
                ToldSampling.of(new Sampling(.8, 20, .9, .05, 42)),
                List.of("other", "result"),
                6,
                4,
                "mine",
                TRACE,
                "secret prompt");
    }

    static ControlCommand command(long sequence, ControlAction action, boolean armed) {
        return new ControlCommand(
                new UUID(3, 4),
                sequence,
                action,
                armed,
                new Cause("rule-1", 3, "reasoner-s", "default", "mine", "too high"),
                new Timing(9, 77, 15, 79, 250),
                new Arguments(
                        false,
                        5,
                        2,
                        6,
                        7,
                        "large",
                        true,
                        new SamplingChange(.5f, 20, .9f, .05f, 42L, Map.of("top_h_alpha", .4)),
                        "so",
                        List.of(1, 2),
                        Map.of("name", "value")));
    }

    static KafkaOptions options(int queueCapacity, int maxMergedSteps) {
        return new KafkaOptions(
                // A port that nothing listens on: reserved for tcpmux, which no machine runs.
                "127.0.0.1:1",
                Topics.DEFAULT,
                "all",
                Duration.ofMillis(200),
                Duration.ofMillis(400),
                Duration.ofMinutes(1),
                queueCapacity,
                maxMergedSteps,
                Map.of());
    }
}
