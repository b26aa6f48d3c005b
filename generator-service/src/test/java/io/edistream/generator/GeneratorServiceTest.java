package io.edistream.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edistream.generator.decode.AnswerExtractor;
import io.edistream.generator.decode.FakeLanguageModel;
import io.edistream.generator.decode.GenerationRequest;
import io.edistream.generator.decode.NumberWords;
import io.edistream.generator.decode.Route;
import io.edistream.generator.decode.TokenClassifier;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.GeneratedSequence;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.control.Commands;
import io.edistream.sequences.control.ControlAction;
import io.edistream.sequences.control.ControlCommand;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.LocalControlInbox;
import io.edistream.sequences.control.OutcomePublisher;
import io.edistream.sequences.control.RecordingOutcomePublisher;
import io.edistream.sequences.event.EntropyPublisher;
import io.edistream.sequences.event.RecordingEntropyPublisher;
import io.edistream.sequences.event.StepEvents;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GeneratorServiceTest {

    private final FakeLanguageModel model = FakeLanguageModel.endlessWithBlocks(2000);
    private final GeneratorMetrics metrics = new GeneratorMetrics(new PrometheusRegistry());

    @Test
    void decodesForSeveralThreadsAtOnce() throws Exception {
        try (GeneratorService service = start()) {
            List<CompletableFuture<GeneratedSequence>> results = java.util.stream.IntStream.range(0, 50)
                    .mapToObj(i -> CompletableFuture.supplyAsync(() ->
                                    service.submit(GenerationRequest.of("1 2 3").withMaxNewTokens(20)))
                            .thenCompose(GenerationHandle::completion))
                    .toList();
            for (CompletableFuture<GeneratedSequence> result : results) {
                assertThat(result.get(30, TimeUnit.SECONDS).tokens()).hasSize(20);
            }
        }
    }

    @Test
    void closingCancelsWhatRunsAndLeavesNoThread() {
        GeneratorService service = start();
        GenerationHandle handle = service.submit(GenerationRequest.of("1 2 3").withMaxNewTokens(190));
        service.close();
        assertThat(handle.completion()).isCompleted();
        assertThat(handle.completion().join().reason()).isIn(EndReason.CANCELLED, EndReason.LENGTH);
        assertThat(model.isClosed()).isTrue();
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("edistream"));
        assertThatThrownBy(() -> service.submit(GenerationRequest.of("1").withMaxNewTokens(5)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void closingOnTheDecodingThreadIsRefusedAndClosesNothing() throws Exception {
        try (GeneratorService service = start()) {
            CountDownLatch hung = new CountDownLatch(1);
            // A step waits in the fake model, so that the result is not there before something hangs on it.
            model.beforeStep(() -> awaitQuietly(hung));
            CompletableFuture<Void> closed = service.submit(
                            GenerationRequest.of("1 2 3").withMaxNewTokens(3))
                    .completion()
                    .thenRun(service::close);
            hung.countDown();
            assertThatThrownBy(() -> closed.get(30, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("on its decoding thread");
            assertThat(model.isClosed()).isFalse();
            assertThat(service.submit(GenerationRequest.of("1 2 3").withMaxNewTokens(3))
                            .completion())
                    .succeedsWithin(30, TimeUnit.SECONDS);
        }
        assertThat(model.isClosed()).isTrue();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void afterAFaultOfItsOwnNobodyWaitsAndNoCommandPilesUp() {
        LocalControlInbox commands = new LocalControlInbox(MicrosClock.system());
        GeneratorService service = start(new FaultyPublisher(), commands);
        GenerationHandle handle = service.submit(GenerationRequest.of("1 2 3").withMaxNewTokens(190));
        assertThat(handle.completion()).succeedsWithin(30, TimeUnit.SECONDS);
        service.close();
        ControlCommand abort =
                Commands.armed(new UUID(1, 2), 0, ControlAction.ABORT, 0, 0, ControlCommand.Arguments.abort(false));
        assertThatThrownBy(() -> commands.send(abort))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void aGeneratorThatCannotStartClosesItsParts() {
        LocalControlInbox commands = new LocalControlInbox(MicrosClock.system());
        FaultyPublisher events = new FaultyPublisher();
        GeneratorParts parts = new GeneratorParts(
                List.of(route(), route()),
                events,
                commands,
                new RecordingOutcomePublisher(),
                metrics,
                MicrosClock.system());
        assertThatThrownBy(() -> GeneratorService.start(parts, GeneratorOptions.defaults()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("two routes");
        assertThat(model.isClosed()).isTrue();
        assertThat(events.closed).isTrue();
    }

    @Test
    void aPartThatFailsToCloseDoesNotKeepTheOthersOpen() {
        FaultyPublisher events = new FaultyPublisher();
        LocalControlInbox commands = new LocalControlInbox(MicrosClock.system());
        OutcomePublisher outcomes = new OutcomePublisher() {
            @Override
            public void publish(ControlOutcome outcome) {}

            @Override
            public void close() {
                throw new IllegalStateException("outcomes do not close");
            }
        };
        Route faulty = new Route(
                "faulty",
                FakeLanguageModel.endlessWithBlocks(2),
                new NumberWords() {
                    @Override
                    public void close() {
                        throw new IllegalStateException("a tokenizer does not close");
                    }
                },
                "",
                TokenClassifier.none(),
                AnswerExtractor.none());
        GeneratorService service = GeneratorService.start(
                new GeneratorParts(List.of(faulty, route()), events, commands, outcomes, metrics, MicrosClock.system()),
                GeneratorOptions.defaults());
        assertThatThrownBy(service::close).hasMessage("outcomes do not close").satisfies(e -> assertThat(
                        e.getSuppressed())
                .extracting(Throwable::getMessage)
                .containsExactly("a tokenizer does not close"));
        assertThat(events.closed).isTrue();
        assertThat(model.isClosed()).isTrue();
    }

    private static final class FaultyPublisher implements EntropyPublisher {

        private volatile boolean closed;

        @Override
        public void publish(StepEvents events) {
            throw new IllegalStateException("a fault for the test");
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private Route route() {
        return new Route("default", model, new NumberWords(), "", TokenClassifier.none(), AnswerExtractor.none());
    }

    private GeneratorService start() {
        return start(new RecordingEntropyPublisher(), new LocalControlInbox(MicrosClock.system()));
    }

    private GeneratorService start(EntropyPublisher events, LocalControlInbox commands) {
        return GeneratorService.start(
                new GeneratorParts(
                        List.of(route()),
                        events,
                        commands,
                        new RecordingOutcomePublisher(),
                        metrics,
                        MicrosClock.system()),
                GeneratorOptions.defaults());
    }
}
