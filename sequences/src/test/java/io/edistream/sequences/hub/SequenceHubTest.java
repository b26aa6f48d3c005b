package io.edistream.sequences.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.edistream.sequences.Ability;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.GeneratedSequence;
import io.edistream.sequences.SamplingChange;
import io.edistream.sequences.TokenListener;
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
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
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
        CompletableFuture<Integer> endsReportedBefore = sequence.generation()
                .completion()
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
    void anEngineThatKeepsNoTokensIsReportedAsOneThatDoes() {
        HandEngine forgetful = new HandEngine(hub, Set.of(Ability.STOP), false);
        TrackedSequence sequence = forgetful.start();
        for (int token = 0; token < 5; token++) {
            sequence.append(HandEngine.token(token));
            if (token % 2 == 1) {
                hub.flush();
                assertThat(sequence.decoded()).isEmpty();
            }
            assertThat(sequence.tokens()).isEqualTo(token + 1);
        }
        sequence.end(EndReason.LENGTH);
        hub.flush();

        assertThat(events.recorded().stream().flatMap(step -> step.runs().stream()))
                .extracting(run -> run.firstToken() + "+" + run.tokens().size())
                .containsExactly("0+2", "2+2", "4+1");
        assertThat(events.recorded().get(2).ends()).singleElement().satisfies(end -> {
            assertThat(end.tokens()).isEqualTo(5);
            assertThat(end.delivery()).isEqualTo(SequenceEnded.Delivery.all(5));
        });
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
        TrackedSequence sequence = engine.submit(TokenListener.NONE, new HandEngine.PlainContent() {
            @Override
            public Ending ending(List<DecodedToken> tokens, EndReason reason) {
                throw new IllegalStateException("faulty on purpose");
            }
        });
        sequence.open(1);
        sequence.append(HandEngine.token(5));
        sequence.end(EndReason.LENGTH);
        hub.flush();
        assertThat(sequence.generation().completion())
                .isCompletedWithValueMatching(end -> end.text().isEmpty());
        assertThat(sequence.group().whenIdle()).isCompletedWithValueMatching(all -> all.size() == 1);
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

    @Test
    void whatIsToldQuietlyComesBeforeACommandThatArrivesLater() throws Exception {
        TrackedSequence sequence = engine.start();
        hub.postQuietly(() -> sequence.append(HandEngine.token(5)));
        hub.postQuietly(() -> sequence.append(HandEngine.token(6)));
        assertThat(hub.hasArrivals()).isTrue();
        assertThat(sequence.tokens()).isZero();
        send(sequence.counter(), ControlAction.ABORT, Arguments.abort(false));
        hub.awaitArrival();
        assertThat(sequence.endReason()).isEqualTo(EndReason.ABORTED);
        assertThat(sequence.tokens()).isEqualTo(2);
    }

    @Test
    void whatIsToldQuietlyIsTakenInWithTheRestAndBeforeTheEnd() {
        TrackedSequence sequence = engine.start();
        hub.postQuietly(() -> sequence.append(HandEngine.token(5)));
        hub.takeIn();
        assertThat(sequence.tokens()).isEqualTo(1);
        hub.postQuietly(() -> sequence.append(HandEngine.token(6)));
        hub.shutDown(EndReason.CANCELLED);
        assertThat(sequence.tokens()).isEqualTo(2);
        assertThat(sequence.endReason()).isEqualTo(EndReason.CANCELLED);
    }

    @Test
    void whoListensHearsEveryTokenAfterItWasReportedAndTheEndOnce() {
        List<String> heard = new ArrayList<>();
        TrackedSequence sequence = engine.submit(
                news -> heard.add(events.recorded().size() + ": " + news.firstToken() + " " + news.text() + news.end()),
                new HandEngine.PlainContent());
        sequence.open(1);
        sequence.append(HandEngine.token(5));
        sequence.append(HandEngine.token(6));
        hub.flush();
        sequence.append(HandEngine.token(7));
        sequence.end(EndReason.LENGTH);
        hub.flush();
        hub.flush();
        assertThat(heard).containsExactly("1: 0 5 6 null", "2: 2 7 LENGTH");
    }

    @Test
    void aListenerThatFailsCostsNobodyElse() {
        TrackedSequence sequence = engine.submit(
                news -> {
                    throw new IllegalStateException("faulty on purpose");
                },
                new HandEngine.PlainContent());
        sequence.open(1);
        sequence.append(HandEngine.token(5));
        sequence.end(EndReason.LENGTH);
        hub.flush();
        assertThat(sequence.generation().completion()).isCompleted();
    }

    @Test
    void aGenerationOutlivesTheSequenceThatIsRerouted() {
        List<String> heard = new ArrayList<>();
        TrackedSequence first = engine.submit(
                news -> heard.add(news.sequence() + " " + news.text() + news.end()), new HandEngine.PlainContent());
        first.open(1);
        first.append(HandEngine.token(5));
        send(first.counter(), ControlAction.REROUTE, reroute("elsewhere"));
        hub.takeIn();
        hub.flush();
        TrackedSequence second = engine.started().get(0);
        assertThat(outcomes.recorded().get(0).continuedBy()).isEqualTo(second.counter());
        assertThat(first.generation().completion()).isNotDone();
        assertThat(first.group().whenIdle()).as("what goes on waits").isNotDone();
        second.open(2);
        second.append(HandEngine.token(6));
        second.end(EndReason.END_OF_SEQUENCE);
        hub.flush();

        assertThat(first.generation().completion())
                .isCompletedWithValueMatching(last -> last.counter() == second.counter());
        assertThat(first.generation().text()).isEqualTo("5 6 ");
        assertThat(heard).containsExactly(first.counter() + " 5 null", second.counter() + " 6 END_OF_SEQUENCE");
        assertThat(first.group().whenIdle()).isCompletedWithValueMatching(all -> all.size() == 2);
        assertThat(first.group().started()).as("no more samples than before").isEqualTo(1);
    }

    @Test
    void aGenerationIsReroutedOnceAndNoMore() {
        TrackedSequence first = engine.start();
        send(first.counter(), ControlAction.REROUTE, reroute("elsewhere"));
        hub.takeIn();
        TrackedSequence second = engine.started().get(0);
        second.open(2);
        send(second.counter(), ControlAction.REROUTE, reroute("back"));
        hub.takeIn();
        assertThat(outcome()).isEqualTo(OutcomeKind.REFUSED);
        assertThat(outcomes.recorded().get(1).detail()).contains("1 times; the limit is 1");
    }

    @Test
    void whatAnEngineCannotDoIsUnsupported() {
        HandEngine modest = new HandEngine(hub, Set.of(Ability.STOP));
        TrackedSequence sequence = modest.start();
        send(sequence.counter(), ControlAction.START, start(1));
        hub.takeIn();
        assertThat(outcome()).isEqualTo(OutcomeKind.UNSUPPORTED);
        assertThat(outcomes.recorded().get(0).detail())
                .contains("engine hand cannot do START")
                .contains("[STOP]");
        send(sequence.counter(), ControlAction.ABORT, Arguments.abort(false));
        hub.takeIn();
        assertThat(outcome()).isEqualTo(OutcomeKind.APPLIED);
    }

    @Test
    void withoutAJobItsChangesOfSamplingAreTakenBackAndThatIsSaid() {
        TrackedSequence sequence = engine.start();
        sequence.append(HandEngine.token(5));
        send(sequence.counter(), ControlAction.SET_SAMPLING, sampling(2));
        hub.takeIn();
        hub.flush();
        hub.nobodyWatches();
        hub.nobodyWatches();
        hub.takeIn();
        hub.flush();
        assertThat(outcomes.recorded())
                .extracting(ControlOutcome::kind)
                .containsExactly(OutcomeKind.APPLIED, OutcomeKind.WITHDRAWN);
        assertThat(outcomes.recorded().get(1).received())
                .isEqualTo(outcomes.recorded().get(0).received());
        assertThat(events.recorded())
                .flatExtracting(StepEvents::changes)
                .extracting(
                        change -> change.fromToken() + ": " + change.sampling().temperature())
                .containsExactly("1: 2.0", "1: 1.0");
    }

    @Test
    void aConclusionThatIsThroughStaysAndOneThatIsNotIsTakenBack() {
        TrackedSequence through = engine.start();
        TrackedSequence half = engine.start();
        for (TrackedSequence one : List.of(through, half)) {
            send(one.counter(), ControlAction.CONCLUDE, conclude(7, 8));
        }
        hub.takeIn();
        engine.decode(through, 1);
        engine.decode(through, 1);
        engine.decode(half, 1);
        hub.nobodyWatches();
        hub.takeIn();
        engine.decode(through, 1);
        engine.decode(half, 1);
        assertThat(outcomes.recorded())
                .filteredOn(one -> one.kind() == OutcomeKind.WITHDRAWN)
                .extracting(one -> one.received().command().sequence())
                .containsExactly(half.counter());
        assertThat(through.decoded())
                .extracting(token -> token.id() + " " + token.forced())
                .containsExactly("7 true", "8 true", "1 false");
        assertThat(half.decoded())
                .extracting(token -> token.id() + " " + token.forced())
                .containsExactly("7 true", "1 false");
    }

    /** An engine that was asked for something does it: only what becomes of it is said. */
    @Test
    void aConclusionThatCannotBeTakenBackIsWithdrawnOnlyWhereItIsInVain() {
        engine.takesNothingBack();
        TrackedSequence inVain = engine.start();
        TrackedSequence through = engine.start();
        for (TrackedSequence one : List.of(inVain, through)) {
            send(one.counter(), ControlAction.SET_SAMPLING, sampling(2));
            send(one.counter(), ControlAction.CONCLUDE, conclude(7));
        }
        hub.takeIn();
        hub.nobodyWatches();
        hub.takeIn();
        assertThat(withdrawn()).containsExactly(ControlAction.SET_SAMPLING, ControlAction.SET_SAMPLING);
        hub.forcesInVain(inVain, "it said no");
        hub.forcesInVain(inVain, "it said no");
        assertThat(withdrawn())
                .containsExactly(ControlAction.SET_SAMPLING, ControlAction.SET_SAMPLING, ControlAction.CONCLUDE);
        assertThat(outcomes.recorded().get(6).detail()).isEqualTo("it said no");
        engine.decode(through, 1);
        for (TrackedSequence one : List.of(inVain, through)) {
            one.end(EndReason.LENGTH);
        }
        hub.flush();
        assertThat(withdrawn()).hasSize(3);
    }

    private List<ControlAction> withdrawn() {
        return outcomes.recorded().stream()
                .filter(one -> one.kind() == OutcomeKind.WITHDRAWN)
                .map(one -> one.received().command().action())
                .toList();
    }

    @Test
    void aConclusionThatTheEndCutShortIsSaidToBeWithdrawn() {
        TrackedSequence sequence = engine.start();
        send(sequence.counter(), ControlAction.CONCLUDE, conclude(7, 8));
        hub.takeIn();
        engine.decode(sequence, 1);
        sequence.end(EndReason.ABORTED);
        hub.flush();
        hub.nobodyWatches();
        hub.takeIn();
        assertThat(outcomes.recorded())
                .extracting(ControlOutcome::kind)
                .containsExactly(OutcomeKind.APPLIED, OutcomeKind.WITHDRAWN);
    }

    @Test
    void aSequenceIsChangedSixteenTimesAndNoMore() {
        TrackedSequence sequence = engine.start();
        for (int i = 0; i < 17; i++) {
            send(sequence.counter(), ControlAction.SET_SAMPLING, sampling(1 + i % 2));
            hub.takeIn();
        }
        assertThat(outcomes.recorded())
                .filteredOn(one -> one.kind() == OutcomeKind.APPLIED)
                .hasSize(16);
        assertThat(outcome()).isEqualTo(OutcomeKind.REFUSED);
    }

    private static Arguments reroute(String route) {
        return new Arguments(false, null, 0, 0, 0, route, false, null, null, List.of(), Map.of());
    }

    private static Arguments start(int samples) {
        return new Arguments(false, null, 0, 0, samples, null, false, null, null, List.of(), Map.of());
    }

    private static Arguments conclude(Integer... ids) {
        return new Arguments(false, null, 0, 0, 0, null, false, null, null, List.of(ids), Map.of());
    }

    private static Arguments sampling(float temperature) {
        return new Arguments(
                false,
                null,
                0,
                0,
                0,
                null,
                false,
                SamplingChange.toTemperature(temperature),
                null,
                List.of(),
                Map.of());
    }

    /**
     * 10,000 commands, tokens, starts and ends in any order: one outcome for each command and at most one withdrawal of what was
     * applied, one start and one end for each sequence, no token before the one or after the other, none twice or missing, one
     * completion for each generation, groups right.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void whateverTheOrderTheBooksBalance(long seed) {
        Random random = new Random(seed);
        List<TrackedSequence> roots = new ArrayList<>();
        int commands = 0;
        for (int event = 0; event < 10_000; event++) {
            List<TrackedSequence> running = running(roots);
            switch (random.nextInt(9)) {
                case 0 -> roots.add(random.nextBoolean() ? engine.start() : engine.submit());
                case 1 -> hub.flush();
                case 2 -> hub.takeIn();
                case 3 -> {
                    command(random, roots.size() + engine.started().size());
                    commands++;
                }
                case 4 -> hub.cancel(one -> one.counter() % 97 == 13);
                case 5 -> {
                    if (random.nextInt(50) == 0) {
                        hub.nobodyWatches();
                    }
                    engine.started().stream()
                            .filter(one -> !one.wasOpened() && one.endReason() == null)
                            .findFirst()
                            .ifPresent(one -> one.open(1));
                }
                default -> {
                    if (!running.isEmpty()) {
                        TrackedSequence one = running.get(random.nextInt(running.size()));
                        if (random.nextInt(20) == 0) {
                            one.end(EndReason.LENGTH);
                        } else {
                            engine.decode(one, random.nextInt(100));
                        }
                    }
                }
            }
        }
        hub.shutDown(EndReason.CANCELLED);

        assertThat(outcomes.recorded())
                .filteredOn(one -> one.kind() != OutcomeKind.WITHDRAWN)
                .hasSize(commands)
                .extracting(one -> one.received().command().id())
                .doesNotHaveDuplicates();
        assertThat(outcomes.recorded())
                .filteredOn(one -> one.kind() == OutcomeKind.WITHDRAWN)
                .isNotEmpty()
                .extracting(one -> one.received().command().id())
                .doesNotHaveDuplicates()
                .isSubsetOf(outcomes.recorded().stream()
                        .filter(one -> one.kind() == OutcomeKind.APPLIED)
                        .map(one -> one.received().command().id())
                        .toList());
        assertThat(outcomes.recorded())
                .as("the case is worth testing")
                .extracting(one -> one.kind() + " " + one.received().command().action())
                .contains("APPLIED ABORT", "APPLIED BRANCH", "APPLIED REROUTE", "APPLIED START", "APPLIED CONCLUDE")
                .contains("APPLIED SET_SAMPLING", "WITHDRAWN SET_SAMPLING", "WITHDRAWN CONCLUDE", "REFUSED BRANCH")
                .contains("TOO_LATE ABORT", "UNKNOWN ABORT", "REFUSED REROUTE");
        assertStreamsAreWhole();
        assertThat(hub.tracked()).as("nothing is kept of what has ended").isZero();
        List<TrackedSequence> all = new ArrayList<>(engine.started());
        all.addAll(roots);
        assertThat(all).allSatisfy(one -> {
            assertThat(one.generation().completion()).isCompleted();
            assertThat(one.group().running()).isZero();
            assertThat(one.group().whenIdle()).isCompleted();
        });
        assertGenerationsAreWhole(all);
    }

    /** Each sequence serves one generation, and the last of them is what it came to. */
    private static void assertGenerationsAreWhole(List<TrackedSequence> all) {
        Map<Generation, List<Long>> serving = new LinkedHashMap<>();
        all.stream().sorted(Comparator.comparingLong(TrackedSequence::counter)).forEach(one -> serving.computeIfAbsent(
                        one.generation(), unknown -> new ArrayList<>())
                .add(one.counter()));
        assertThat(serving.values())
                .anySatisfy(sequences -> assertThat(sequences).hasSize(2));
        serving.forEach((generation, sequences) -> {
            assertThat(generation.served())
                    .extracting(GeneratedSequence::counter)
                    .isEqualTo(sequences);
            assertThat(generation.completion().join().counter()).isEqualTo(sequences.get(sequences.size() - 1));
        });
    }

    private void command(Random random, int sequences) {
        long sequence = random.nextInt(2 + sequences);
        switch (random.nextInt(7)) {
            case 0, 1 -> send(sequence, ControlAction.ABORT, Arguments.abort(random.nextBoolean()));
            case 2 ->
                send(
                        sequence,
                        ControlAction.BRANCH,
                        Arguments.branch(random.nextInt(6), 1 + random.nextInt(2), random.nextInt(5)));
            case 3 -> send(sequence, ControlAction.REROUTE, reroute("elsewhere"));
            case 4 -> send(sequence, ControlAction.START, start(1 + random.nextInt(2)));
            case 5 -> send(sequence, ControlAction.CONCLUDE, conclude(1, 2, 3));
            default -> send(sequence, ControlAction.SET_SAMPLING, sampling(random.nextInt(3)));
        }
    }

    /** All that run, branches included: the hub tells the engine of those. */
    private List<TrackedSequence> running(List<TrackedSequence> roots) {
        List<TrackedSequence> running = new ArrayList<>(engine.started());
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
