package io.edistream.generator.decode;

import static io.edistream.generator.decode.LoopFixture.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.sequences.EndReason;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.RefusalReason;
import io.edistream.sequences.SequenceNames;
import io.edistream.sequences.control.Commands;
import io.edistream.sequences.control.ControlAction;
import io.edistream.sequences.control.ControlCommand;
import io.edistream.sequences.control.ControlOptions;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.OutcomeKind;
import io.edistream.sequences.control.ReceivedCommand;
import io.edistream.sequences.event.SequenceEnded;
import io.edistream.sequences.metrics.Metrics;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every kind of outcome, caused once, through the decode loop. */
class CommandTest {

    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private final LoopFixture fixture = LoopFixture.endless();

    @Test
    void abortTakesEffectBeforeTheNextToken() {
        GenerationHandle handle = fixture.submit(request(1, 1));
        fixture.steps(6);
        ControlOutcome outcome = fixture.send(fixture.abort(handle.counter()));
        assertThat(outcome.kind()).isEqualTo(OutcomeKind.APPLIED);
        assertThat(outcome.appliedAtToken()).isEqualTo(6);
        assertThat(outcome.detail()).isEmpty();
        assertThat(handle.completion().join().reason()).isEqualTo(EndReason.ABORTED);
        assertThat(handle.completion().join().tokens()).hasSize(6);
        assertThat(handle.completion().join().correct())
                .as("it had no chance to answer")
                .isNull();
        assertThat(Metrics.value(fixture.metrics, "edistream_generator_commands", "abort", "applied"))
                .isEqualTo(1);
    }

    @Test
    void unknownAndTooLateAreToldApart() {
        GenerationHandle handle = fixture.submit(request(1, 1).withMaxNewTokens(3));
        fixture.runOut();
        assertThat(fixture.send(fixture.abort(handle.counter())).kind()).isEqualTo(OutcomeKind.TOO_LATE);
        assertThat(fixture.send(fixture.branch(handle.counter(), 1, 1, 0)).kind())
                .isEqualTo(OutcomeKind.TOO_LATE);
        assertThat(fixture.send(fixture.abort(handle.counter() + 1)).kind()).isEqualTo(OutcomeKind.UNKNOWN);
        assertThat(fixture.send(fixture.abort(-1)).kind()).isEqualTo(OutcomeKind.UNKNOWN);
    }

    @Test
    void outcomesNameTheSequenceAlsoWhenItHasEndedAndNobodyThatWasNeverHeardOf() {
        GenerationHandle handle =
                fixture.submit(request(1, 1).withMaxNewTokens(3).named("mine").inTrace(TRACE));
        fixture.steps(2);
        SequenceNames names = new SequenceNames("fake", "default", "mine", TRACE);
        assertThat(fixture.send(Commands.unarmed(fixture.abort(handle.counter())))
                        .names())
                .isEqualTo(names);
        fixture.runOut();
        ControlOutcome late = fixture.send(fixture.abort(handle.counter()));
        assertThat(late.kind()).isEqualTo(OutcomeKind.TOO_LATE);
        assertThat(late.names()).isEqualTo(names);
        assertThat(fixture.send(fixture.abort(handle.counter() + 1)).names()).isEqualTo(SequenceNames.UNKNOWN);
    }

    @Test
    void aRepeatedCommandIsADuplicate() {
        GenerationHandle handle = fixture.submit(request(1, 1));
        fixture.steps(6);
        ControlCommand branch = fixture.branch(handle.counter(), 2, 1, 0);
        assertThat(fixture.send(branch).kind()).isEqualTo(OutcomeKind.APPLIED);
        assertThat(fixture.send(branch).kind()).isEqualTo(OutcomeKind.DUPLICATE);
        assertThat(handle.group().started()).isEqualTo(2);
    }

    @Test
    void anIdIsForgottenOnlyWhenTheMemoryIsFull() {
        LoopFixture small = new LoopFixture(
                FakeLanguageModel.endlessWithBlocks(2000),
                DecodeOptions.defaults(),
                new ControlOptions(Duration.ofSeconds(10), 2));
        long sequence = small.submit(request(1, 1)).counter();
        small.steps(2);
        ControlCommand first = small.branch(sequence, 0, 1, 0);
        small.send(first);
        small.send(small.branch(sequence, 0, 1, 0));
        assertThat(small.send(first).kind()).as("two remembered").isEqualTo(OutcomeKind.DUPLICATE);
        small.send(small.branch(sequence, 0, 1, 0));
        small.send(small.branch(sequence, 0, 1, 0));
        assertThat(small.send(first).kind()).as("two others since").isEqualTo(OutcomeKind.APPLIED);
    }

    @Test
    void shadowOnlyReports() {
        GenerationHandle handle = fixture.submit(request(1, 1));
        fixture.steps(6);
        ControlOutcome outcome = fixture.send(Commands.unarmed(fixture.abort(handle.counter())));
        assertThat(outcome.kind()).isEqualTo(OutcomeKind.SHADOW);
        assertThat(outcome.appliedAtToken()).isEqualTo(6);
        assertThat(handle.completion()).isNotDone();

        ControlOutcome impossible = fixture.send(Commands.unarmed(fixture.branch(handle.counter(), 100, 1, 0)));
        assertThat(impossible.kind()).isEqualTo(OutcomeKind.SHADOW);
        assertThat(impossible.detail()).contains("not possible").contains("token 100");
    }

    /** As an abort, but it says why it ended: statistics of aborted sequences must not count those that were merely worst. */
    @Test
    void theWeakestIsPrunedUnlessItIsTheLast() {
        List<GenerationHandle> both = fixture.loop.submit(request(1, 1), 2);
        fixture.steps(4);
        ControlOutcome first =
                fixture.send(fixture.command(both.get(0).counter(), ControlAction.PRUNE, null, 0, 0, true));
        assertThat(first.kind()).isEqualTo(OutcomeKind.APPLIED);
        assertThat(first.appliedAtToken()).isEqualTo(4);
        assertThat(both.get(0).completion())
                .isCompletedWithValueMatching(
                        end -> end.reason() == EndReason.PRUNED && end.tokens().size() == 4);
        assertThat(fixture.events.recorded().stream().flatMap(step -> step.ends().stream()))
                .extracting(SequenceEnded::reason)
                .containsExactly(EndReason.PRUNED);
        ControlOutcome last =
                fixture.send(fixture.command(both.get(1).counter(), ControlAction.PRUNE, null, 0, 0, true));
        assertThat(last.kind()).isEqualTo(OutcomeKind.REFUSED);
        assertThat(last.refusal()).isEqualTo(RefusalReason.LAST_OF_GROUP);
        assertThat(both.get(1).completion()).isNotDone();
    }

    @Test
    void oldCommandsAreDisarmed() {
        GenerationHandle handle = fixture.submit(request(1, 1));
        fixture.steps(2);
        ControlCommand atTheLimit = fixture.branch(handle.counter(), 0, 1, 0);
        ControlCommand tooOld = fixture.abort(handle.counter());
        fixture.now.addAndGet(10_000_000);
        assertThat(fixture.send(atTheLimit).kind()).isEqualTo(OutcomeKind.APPLIED);
        fixture.now.addAndGet(1);
        ControlOutcome outcome = fixture.send(tooOld);
        assertThat(outcome.kind()).isEqualTo(OutcomeKind.DISARMED);
        assertThat(outcome.detail()).contains("10000001").contains("10000000");
        assertThat(handle.completion()).isNotDone();
    }

    @ParameterizedTest
    @EnumSource(names = {"CONCLUDE", "REROUTE", "SET_SAMPLING", "START", "UNKNOWN"})
    void whatThisGeneratorCannotDoIsUnsupported(ControlAction action) {
        GenerationHandle handle = fixture.submit(request(1, 1));
        fixture.steps(2);
        ControlOutcome outcome = fixture.send(fixture.command(handle.counter(), action, null, 0, 0, false));
        assertThat(outcome.kind()).isEqualTo(OutcomeKind.UNSUPPORTED);
        assertThat(outcome.detail()).contains(action.name());
    }

    @Test
    void branchesThatMakeNoSenseAreUnsupported() {
        GenerationHandle handle = fixture.submit(request(1, 1));
        fixture.steps(6);
        assertThat(fixture.send(fixture.branch(handle.counter(), null, 2, 0)).kind())
                .isEqualTo(OutcomeKind.UNSUPPORTED);
        assertThat(fixture.send(fixture.branch(handle.counter(), 2, 0, 0)).kind())
                .isEqualTo(OutcomeKind.UNSUPPORTED);
        assertThat(fixture.send(fixture.branch(handle.counter(), -1, 1, 0)).kind())
                .isEqualTo(OutcomeKind.UNSUPPORTED);
        // The step after each of these commands has added a token, so the first one that is not there is 9.
        ControlOutcome beyond = fixture.send(fixture.branch(handle.counter(), 9, 1, 0));
        assertThat(beyond.kind()).isEqualTo(OutcomeKind.REFUSED);
        assertThat(beyond.refusal()).isEqualTo(RefusalReason.NOT_NOW);
        assertThat(beyond.detail()).contains("has 9 tokens");
        assertThat(fixture.send(beyond.received().command()).kind())
                .as("judged anew")
                .isEqualTo(OutcomeKind.APPLIED);
    }

    @Test
    void theLastHopeOfAGroupIsSpared() {
        List<GenerationHandle> two = fixture.loop.submit(request(1, 1), 2);
        fixture.steps(3);
        assertThat(fixture.send(sparing(two.get(0))).kind()).isEqualTo(OutcomeKind.APPLIED);
        ControlOutcome last = fixture.send(sparing(two.get(1)));
        assertThat(last.kind()).isEqualTo(OutcomeKind.REFUSED);
        assertThat(last.refusal()).isEqualTo(RefusalReason.LAST_OF_GROUP);
        assertThat(last.detail()).contains("no other sequence");
        assertThat(fixture.send(fixture.abort(two.get(1).counter())).kind())
                .as("unless the command says otherwise")
                .isEqualTo(OutcomeKind.APPLIED);
    }

    @Test
    void theLastHopeIsSparedAlsoWhenBothAbortsArriveTogether() {
        List<GenerationHandle> two = fixture.loop.submit(request(1, 1), 2);
        fixture.steps(3);
        two.forEach(handle -> fixture.loop.accept(new ReceivedCommand(sparing(handle), fixture.now.get())));
        fixture.steps(1);
        assertThat(fixture.outcomes.recorded())
                .extracting(ControlOutcome::kind)
                .containsExactly(OutcomeKind.APPLIED, OutcomeKind.REFUSED);
    }

    @Test
    void oneThatHasFinishedByItselfIsHopeEnough() {
        GenerationHandle running = fixture.submit(request(1, 1));
        fixture.loop.join(running.group(), request(1, 2).withMaxNewTokens(2));
        fixture.steps(5);
        assertThat(running.group().running()).isEqualTo(1);
        assertThat(fixture.send(sparing(running)).kind()).isEqualTo(OutcomeKind.APPLIED);
    }

    @Test
    void aGroupStartsNoMoreLeavesThanAllowed() {
        GenerationHandle handle = fixture.submit(request(1, 1));
        fixture.steps(5);
        ControlOutcome trimmed = fixture.send(fixture.branch(handle.counter(), 2, 3, 3));
        assertThat(trimmed.kind()).isEqualTo(OutcomeKind.APPLIED);
        assertThat(trimmed.started()).hasSize(2);
        ControlOutcome refused = fixture.send(fixture.branch(handle.counter(), 3, 1, 3));
        assertThat(refused.kind()).isEqualTo(OutcomeKind.REFUSED);
        assertThat(refused.refusal()).isEqualTo(RefusalReason.GROUP_LIMIT);
        assertThat(refused.detail()).contains("started 3").contains("limit is 3");
    }

    @Test
    void everyArrivalHasExactlyOneOutcomeWithItsTimes() {
        GenerationHandle handle = fixture.submit(request(1, 1));
        fixture.steps(3);
        ControlCommand command = fixture.abort(handle.counter());
        long arrival = fixture.now.addAndGet(500);
        fixture.loop.accept(new ReceivedCommand(command, arrival));
        fixture.loop.accept(new ReceivedCommand(command, arrival));
        fixture.now.addAndGet(500);
        fixture.steps(1);
        assertThat(fixture.outcomes.recorded()).hasSize(2).allSatisfy(outcome -> {
            assertThat(outcome.received().receivedAtMicros()).isEqualTo(LoopFixture.START_MICROS + 500);
            assertThat(outcome.settledAtMicros()).isEqualTo(LoopFixture.START_MICROS + 1000);
        });
    }

    private ControlCommand sparing(GenerationHandle handle) {
        return fixture.command(handle.counter(), ControlAction.ABORT, null, 0, 0, true);
    }
}
