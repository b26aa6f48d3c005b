package io.edistream.sequences.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.PromptGroup;
import io.edistream.sequences.control.Commands;
import io.edistream.sequences.control.ControlAction;
import io.edistream.sequences.control.ControlCommand;
import io.edistream.sequences.control.ControlCommand.Arguments;
import io.edistream.sequences.control.ControlOptions;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.OutcomeKind;
import io.edistream.sequences.control.ReceivedCommand;
import io.edistream.sequences.control.RecordingOutcomePublisher;
import io.edistream.sequences.event.RecordingEntropyPublisher;
import io.edistream.sequences.event.SequenceEnded;
import io.edistream.sequences.event.SequenceStarted;
import io.edistream.sequences.event.StepEvents;
import io.edistream.sequences.event.TokenRun;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SequenceHubTest {

    private final RecordingEntropyPublisher events = new RecordingEntropyPublisher();
    private final RecordingOutcomePublisher outcomes = new RecordingOutcomePublisher();
    private final SequenceHub hub = new SequenceHub(
            events, outcomes, ControlOptions.defaults(), new GeneratorMetrics(new PrometheusRegistry()), () -> 1);
    private final HandEngine engine = new HandEngine(hub);
    private long nextCommand;

    private void send(long sequence, ControlAction action, Arguments arguments) {
        ControlCommand command = Commands.armed(new UUID(7, nextCommand++), sequence, action, 0, 1, arguments);
        hub.accept(new ReceivedCommand(command, 1));
    }

    private OutcomeKind outcome() {
        List<ControlOutcome> all = outcomes.recorded();
        return all.get(all.size() - 1).kind();
    }

    @Test
    void aFlushReportsWhatIsNewAndThenTellsWhoeverWaits() {
        TrackedSequence sequence = engine.start();
        sequence.append(HandEngine.token(5));
        CompletableFuture<Integer> endsReportedBefore = sequence.completion()
                .thenApply(result -> events.recorded().get(1).ends().size());
        hub.flush();
        sequence.append(HandEngine.token(6));
        sequence.end(EndReason.LENGTH);
        hub.flush();
        hub.flush();

        assertThat(events.recorded()).hasSize(2);
        assertThat(events.recorded().get(0).starts())
                .extracting(SequenceStarted::sequence)
                .containsExactly(sequence.counter());
        assertThat(events.recorded().get(1).runs())
                .extracting(TokenRun::firstToken)
                .containsExactly(1);
        assertThat(events.recorded().get(1).ends())
                .extracting(SequenceEnded::text)
                .containsExactly("5 6 ");
        assertThat(endsReportedBefore).isCompletedWithValue(1);
        assertThat(engine.reported()).containsExactly(sequence);
    }

    @Test
    void aCommandTakesEffectAtTheNextBoundaryAndNotBefore() {
        TrackedSequence sequence = engine.start();
        sequence.append(HandEngine.token(5));
        send(sequence.counter(), ControlAction.ABORT, Arguments.abort(false));
        assertThat(sequence.endReason()).isNull();
        hub.takeIn();
        assertThat(sequence.endReason()).isEqualTo(EndReason.ABORTED);
        assertThat(outcome()).isEqualTo(OutcomeKind.APPLIED);
    }

    @Test
    void whoWaitsOrHasEndedOrNeverWasCannotBeCommanded() {
        TrackedSequence waiting = engine.submit();
        send(waiting.counter(), ControlAction.ABORT, Arguments.abort(false));
        hub.takeIn();
        assertThat(outcome()).isEqualTo(OutcomeKind.UNKNOWN);
        waiting.open(1);
        waiting.end(EndReason.LENGTH);
        send(waiting.counter(), ControlAction.ABORT, Arguments.abort(false));
        hub.takeIn();
        assertThat(outcome()).isEqualTo(OutcomeKind.TOO_LATE);
        hub.flush();
        send(waiting.counter(), ControlAction.ABORT, Arguments.abort(false));
        hub.takeIn();
        assertThat(outcome()).isEqualTo(OutcomeKind.TOO_LATE);
    }

    @Test
    void anEngineThatBreaksTheOrderIsTold() {
        TrackedSequence sequence = engine.start();
        assertThatIllegalStateException().isThrownBy(() -> sequence.open(2)).withMessageContaining("is open");
        sequence.end(EndReason.LENGTH);
        assertThatIllegalStateException().isThrownBy(() -> sequence.append(HandEngine.token(1)));
        assertThatIllegalStateException().isThrownBy(() -> sequence.end(EndReason.ABORTED));
    }

    @Test
    void aFaultOfTheContentLeavesNobodyWaiting() {
        long counter = hub.nextCounter();
        PromptGroup group = new PromptGroup(counter, 1, () -> {});
        TrackedSequence sequence = engine.submit(group, counter, new HandEngine.PlainContent() {
            @Override
            public Ending ending(List<DecodedToken> tokens, EndReason reason) {
                throw new IllegalStateException("faulty on purpose");
            }
        });
        sequence.open(1);
        sequence.append(HandEngine.token(5));
        sequence.end(EndReason.LENGTH);
        hub.flush();
        assertThat(sequence.completion())
                .isCompletedWithValueMatching(end -> end.text().isEmpty());
        assertThat(group.whenIdle()).isCompletedWithValueMatching(all -> all.size() == 1);
    }

    /** What arrives while the hub takes in waits for the next boundary, however much it is. */
    @Test
    void aTaskThatPostsAnotherDoesNotHoldUpTokens() {
        int[] done = {0};
        Runnable[] again = new Runnable[1];
        again[0] = () -> {
            done[0]++;
            hub.post(again[0]);
        };
        hub.post(again[0]);
        hub.takeIn();
        assertThat(done[0]).isEqualTo(1);
    }

    /**
     * 10,000 commands, tokens, starts and ends in any order: one outcome for each command, one start and one end for each
     * sequence, no token before the one or after the other, none twice or missing, groups right.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void whateverTheOrderTheBooksBalance(long seed) {
        Random random = new Random(seed);
        List<TrackedSequence> roots = new ArrayList<>();
        int commands = 0;
        for (int event = 0; event < 10_000; event++) {
            List<TrackedSequence> running = running(roots);
            switch (random.nextInt(8)) {
                case 0 -> roots.add(random.nextBoolean() ? engine.start() : engine.submit());
                case 1 -> hub.flush();
                case 2 -> hub.takeIn();
                case 3 -> {
                    send(
                            random.nextInt(2 + 2 * roots.size()),
                            random.nextBoolean() ? ControlAction.ABORT : ControlAction.BRANCH,
                            random.nextBoolean()
                                    ? Arguments.abort(random.nextBoolean())
                                    : Arguments.branch(random.nextInt(6), 1 + random.nextInt(2), random.nextInt(5)));
                    commands++;
                }
                case 4 -> hub.cancel(one -> one.counter() % 97 == 13);
                default -> {
                    if (!running.isEmpty()) {
                        TrackedSequence one = running.get(random.nextInt(running.size()));
                        if (random.nextInt(20) == 0) {
                            one.end(EndReason.LENGTH);
                        } else {
                            one.append(HandEngine.token(random.nextInt(100)));
                        }
                    }
                }
            }
        }
        hub.shutDown(EndReason.CANCELLED);

        assertThat(outcomes.recorded()).hasSize(commands);
        assertThat(outcomes.recorded())
                .extracting(one -> one.received().command().id())
                .doesNotHaveDuplicates();
        assertThat(outcomes.recorded())
                .as("the case is worth testing")
                .extracting(ControlOutcome::kind)
                .contains(OutcomeKind.APPLIED, OutcomeKind.TOO_LATE, OutcomeKind.REFUSED, OutcomeKind.UNKNOWN);
        assertStreamsAreWhole();
        assertThat(hub.tracked()).as("nothing is kept of what has ended").isZero();
        assertThat(roots).allSatisfy(root -> {
            assertThat(root.completion()).isCompleted();
            assertThat(root.group().running()).isZero();
            assertThat(root.group().whenIdle()).isCompleted();
        });
    }

    /** All that run, branches included: the hub tells the engine of those. */
    private List<TrackedSequence> running(List<TrackedSequence> roots) {
        List<TrackedSequence> running = new ArrayList<>(engine.branches());
        running.addAll(roots);
        running.removeIf(one -> !one.isRunning());
        return running;
    }

    private void assertStreamsAreWhole() {
        Map<Long, Integer> tokens = new HashMap<>();
        Map<Long, Integer> ended = new HashMap<>();
        for (StepEvents step : events.recorded()) {
            step.starts().forEach(start -> assertThat(tokens.put(start.sequence(), 0))
                    .as("one start of %s", start.sequence())
                    .isNull());
            for (TokenRun run : step.runs()) {
                assertThat(ended).as("no token after the end").doesNotContainKey(run.sequence());
                assertThat(run.firstToken()).isEqualTo(tokens.get(run.sequence()));
                tokens.merge(run.sequence(), run.tokens().size(), Integer::sum);
            }
            step.ends().forEach(end -> {
                assertThat(ended.put(end.sequence(), end.tokens()))
                        .as("one end of %s", end.sequence())
                        .isNull();
                assertThat(end.tokens()).isEqualTo(tokens.get(end.sequence()));
            });
        }
        assertThat(ended.keySet()).isEqualTo(tokens.keySet());
    }
}
