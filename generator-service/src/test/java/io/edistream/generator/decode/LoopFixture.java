package io.edistream.generator.decode;

import io.edistream.sequences.GeneratedSequence;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.control.Commands;
import io.edistream.sequences.control.ControlAction;
import io.edistream.sequences.control.ControlCommand;
import io.edistream.sequences.control.ControlCommand.Arguments;
import io.edistream.sequences.control.ControlOptions;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.ReceivedCommand;
import io.edistream.sequences.control.RecordingOutcomePublisher;
import io.edistream.sequences.event.RecordingEntropyPublisher;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** A decode loop over the fake model, stepped by hand, with recorders at both ends. */
final class LoopFixture {

    /** Where the clock starts; it never moves by itself. */
    static final long START_MICROS = 1_000_000;

    final FakeLanguageModel model;
    final RecordingEntropyPublisher events = new RecordingEntropyPublisher();
    final RecordingOutcomePublisher outcomes = new RecordingOutcomePublisher();
    final GeneratorMetrics metrics = new GeneratorMetrics(new PrometheusRegistry());
    final AtomicLong now = new AtomicLong(START_MICROS);
    final DecodeLoop loop;
    private long nextCommand;

    LoopFixture(FakeLanguageModel model, DecodeOptions options) {
        this(model, options, ControlOptions.defaults());
    }

    LoopFixture(FakeLanguageModel model, DecodeOptions options, ControlOptions controlOptions) {
        this(
                model,
                options,
                controlOptions,
                TokenClassifier.none(),
                tokens -> tokens.size() < 2
                        ? java.util.Optional.empty()
                        : java.util.Optional.of(tokens.get(tokens.size() - 2).toString()));
    }

    LoopFixture(
            FakeLanguageModel model,
            DecodeOptions options,
            ControlOptions controlOptions,
            TokenClassifier classifier,
            AnswerExtractor answers) {
        this.model = model;
        Route route = new Route(GenerationRequest.DEFAULT_ROUTE, model, new NumberWords(), "", classifier, answers);
        this.loop = new DecodeLoop(List.of(route), options, controlOptions, events, outcomes, metrics, now::get);
    }

    static LoopFixture endless() {
        return new LoopFixture(FakeLanguageModel.endlessWithBlocks(2000), DecodeOptions.defaults());
    }

    static LoopFixture ending() {
        return new LoopFixture(FakeLanguageModel.withBlocks(4000), DecodeOptions.defaults());
    }

    static GenerationRequest request(double temperature, long seed) {
        return GenerationRequest.of(List.of(5, 6, 7, 8, 9))
                .withSampling(Sampling.of(temperature, seed))
                .withMaxNewTokens(60);
    }

    GenerationHandle submit(GenerationRequest request) {
        return loop.submit(request, 1).get(0);
    }

    void steps(int count) {
        for (int i = 0; i < count; i++) {
            loop.step();
        }
    }

    void runOut() {
        while (loop.step()) {
            // Each step brings every sequence one token nearer to its limit.
        }
    }

    /** Sends a command and lets it be settled, without a step of the model if nothing else is due. */
    ControlOutcome send(ControlCommand command) {
        loop.accept(new ReceivedCommand(command, now.get()));
        loop.step();
        List<ControlOutcome> all = outcomes.recorded();
        return all.get(all.size() - 1);
    }

    ControlCommand abort(long sequence) {
        return command(sequence, ControlAction.ABORT, null, 0, 0, false);
    }

    ControlCommand branch(long sequence, Integer atToken, int width, int maxLeaves) {
        return command(sequence, ControlAction.BRANCH, atToken, width, maxLeaves, true);
    }

    ControlCommand command(
            long sequence, ControlAction action, Integer atToken, int width, int maxLeaves, boolean spareLast) {
        Arguments arguments = action == ControlAction.BRANCH
                ? Arguments.branch(atToken, width, maxLeaves)
                : Arguments.abort(spareLast);
        return Commands.armed(new UUID(7, nextCommand++), sequence, action, 0, now.get(), arguments);
    }

    static List<Integer> ids(GeneratedSequence sequence) {
        return sequence.tokens().stream().map(token -> token.id()).toList();
    }
}
