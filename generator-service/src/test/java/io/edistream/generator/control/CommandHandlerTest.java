package io.edistream.generator.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.generator.metrics.GeneratorMetrics;
import io.edistream.generator.sequence.Intervention;
import io.edistream.generator.sequence.Objection;
import io.edistream.generator.sequence.PromptGroup;
import io.edistream.generator.sequence.RunningSequence;
import io.edistream.generator.sequence.SequenceDirectory;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The handler over a source of tokens that is no decode loop: a stream of somebody else's that can only be cut off. */
class CommandHandlerTest {

    private static final long NOW_MICROS = 5_000_000;

    private final GeneratorMetrics metrics = new GeneratorMetrics(new PrometheusRegistry());
    private final RecordingOutcomePublisher outcomes = new RecordingOutcomePublisher();
    private final Stream stream = new Stream();
    private final CommandHandler handler =
            new CommandHandler(stream, outcomes, ControlOptions.defaults(), metrics, () -> NOW_MICROS);

    @Test
    void whatTheSourceCannotDoIsUnsupportedInItsOwnWords() {
        handler.handle(received(command(1, ControlAction.BRANCH, 10)));
        assertThat(last().kind()).isEqualTo(OutcomeKind.UNSUPPORTED);
        assertThat(last().detail()).isEqualTo("a stream cannot be forked");
        assertThat(stream.applied).isEmpty();
    }

    @Test
    void reactionIsCountedInTokensAndSeconds() {
        handler.handle(received(command(1, ControlAction.ABORT, 17)));
        assertThat(last().kind()).isEqualTo(OutcomeKind.APPLIED);
        assertThat(last().appliedAtToken()).isEqualTo(20);
        assertThat(stream.applied).containsExactly(new Intervention.Abort());
        // Tokens 18 and 19 were decoded between token 17, which decided, and the effect before token 20.
        assertThat(sumOf("edistream_generator_reaction_tokens")).isEqualTo(2);
        assertThat(sumOf("edistream_generator_reaction_seconds")).isEqualTo(.25);
    }

    @Test
    void onlyAppliedCommandsCountAsReactions() {
        handler.handle(received(command(1, ControlAction.BRANCH, 10)));
        handler.handle(received(command(2, ControlAction.ABORT, 10)));
        assertThat(outcomes.recorded()).hasSize(2);
        assertThat(sumOf("edistream_generator_reaction_tokens")).isZero();
    }

    private double sumOf(String histogram) {
        return metrics.registry().scrape(histogram::equals).stream()
                .flatMap(snapshot -> ((HistogramSnapshot) snapshot).getDataPoints().stream())
                .mapToDouble(HistogramSnapshot.HistogramDataPointSnapshot::getSum)
                .sum();
    }

    private ControlOutcome last() {
        return outcomes.recorded().get(outcomes.recorded().size() - 1);
    }

    private static ReceivedCommand received(ControlCommand command) {
        return new ReceivedCommand(command, NOW_MICROS);
    }

    private static ControlCommand command(long sequence, ControlAction action, int decidedAt) {
        return new ControlCommand(
                new UUID(sequence, decidedAt),
                sequence,
                action,
                true,
                "rule",
                decidedAt,
                NOW_MICROS - 250_000,
                decidedAt,
                2,
                0,
                false);
    }

    /** One running sequence, number 1, with 20 tokens. */
    private static final class Stream implements SequenceDirectory, RunningSequence {

        private final PromptGroup group = new PromptGroup(1, () -> {});
        private final List<Intervention> applied = new ArrayList<>();

        @Override
        public Optional<RunningSequence> running(long counter) {
            return counter == 1 ? Optional.of(this) : Optional.empty();
        }

        @Override
        public boolean hasEnded(long counter) {
            return counter == 0;
        }

        @Override
        public long counter() {
            return 1;
        }

        @Override
        public int tokens() {
            return 20;
        }

        @Override
        public PromptGroup group() {
            return group;
        }

        @Override
        public Optional<Objection> objectionTo(Intervention intervention) {
            return intervention instanceof Intervention.Abort
                    ? Optional.empty()
                    : Optional.of(Objection.unsupported("a stream cannot be forked"));
        }

        @Override
        public List<Long> apply(Intervention intervention) {
            applied.add(intervention);
            return List.of();
        }
    }
}
