package io.edistream.generator.kafka;

import io.edistream.generator.control.ControlAction;
import io.edistream.generator.control.ControlCommand;
import io.edistream.generator.event.EntropyKind;
import io.edistream.generator.event.SequenceEnded;
import io.edistream.generator.event.SequenceStarted;
import io.edistream.generator.event.StepEvents;
import io.edistream.generator.event.TokenRun;
import io.edistream.generator.sequence.DecodedToken;
import io.edistream.generator.sequence.EndReason;
import io.edistream.generator.sequence.Sampling;
import io.edistream.generator.sequence.TokenStats;
import io.edistream.schemas.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Events, commands and options for the Kafka tests. */
final class Samples {

    static final long GENERATOR = 0x0123_4567_89AB_CDEFL;

    private Samples() {}

    static StepEvents token(int index) {
        return new StepEvents(1000 + index, List.of(), List.of(run(index)), List.of());
    }

    static TokenRun run(int index) {
        TokenStats stats = new TokenStats(17, .5f + index, -.25f, 3f, 4f, 5f, 2);
        return new TokenRun(8, index, List.of(new DecodedToken(stats, 1)));
    }

    /** A step with the start or the end of a sequence, or both, and no tokens. */
    static StepEvents lifecycle(long sequence, boolean starts, boolean ends) {
        SequenceEnded end = new SequenceEnded(sequence, 3, EndReason.LENGTH, null, null, "");
        return new StepEvents(
                2000, starts ? List.of(start(sequence)) : List.of(), List.of(), ends ? List.of(end) : List.of());
    }

    static StepEvents wholeLife() {
        SequenceEnded end = new SequenceEnded(8, 1, EndReason.ABORTED, "67", true, "secret text");
        return new StepEvents(5, List.of(start(8)), List.of(run(0)), List.of(end));
    }

    private static SequenceStarted start(long sequence) {
        return new SequenceStarted(
                sequence,
                7,
                "reasoner-s",
                "default",
                EntropyKind.FULL_VOCAB_RAW,
                162,
                30,
                7L,
                4,
                new Sampling(.8, 20, .9, .05, 42),
                List.of("other", "result"),
                "mine",
                "secret prompt");
    }

    static ControlCommand command(long sequence, ControlAction action, boolean armed) {
        return new ControlCommand(new UUID(3, 4), sequence, action, armed, "rule-1", 9, 77, 5, 2, 6, false);
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
