package io.edistream.gateway.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.edistream.sequences.Ability;
import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.Effect;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.TokenStats;
import io.edistream.sequences.ToldSampling;
import io.edistream.sequences.UnmeasuredReason;
import io.edistream.sequences.control.ControlOutcome;
import io.edistream.sequences.control.LocalControlInbox;
import io.edistream.sequences.control.OutcomeKind;
import io.edistream.sequences.control.RecordingOutcomePublisher;
import io.edistream.sequences.event.EntropyKind;
import io.edistream.sequences.event.SequenceEnded;
import io.edistream.sequences.event.StepEvents;
import io.edistream.sequences.event.TokenRun;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WatchTest {

    private static final Set<Ability> STOP = Set.of(Ability.STOP);
    private static final EntropyKind KIND =
            new EntropyKind(EntropyKind.Distribution.RAW, EntropyKind.Measurement.BOUNDED, 20);
    private static final DecodedToken TOKEN =
            DecodedToken.drawn(new TokenStats(7, 1, -1, 5, Float.NaN, Float.NaN, 0, 2, .1f), 0);

    private final Published published = new Published();
    private final RecordingOutcomePublisher outcomes = new RecordingOutcomePublisher();
    private final LocalControlInbox commands = new LocalControlInbox(MicrosClock.system());
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final AtomicInteger lost = new AtomicInteger();
    private final List<String> ended = Collections.synchronizedList(new ArrayList<>());

    @Test
    void whatIsToldIsReportedInOrder() throws Exception {
        try (Watch watch = watch(true)) {
            WatchedAnswer answer = watch.begin(facts(2), this::note);
            answer.open(12);
            answer.append(0, List.of(TOKEN, TOKEN), "ab");
            answer.append(1, List.of(TOKEN), "c");
            answer.append(0, List.of(TOKEN), "d");
            answer.end(0, EndReason.LENGTH);
            answer.end(1, EndReason.END_OF_SEQUENCE);
            published.untilEnds(2);
            assertThat(answer.counters()).containsExactly(0L, 1L);
        }
        StepEvents all = published.all();
        assertThat(all.starts()).hasSize(2).allSatisfy(start -> {
            assertThat(start.promptTokens()).isEqualTo(12);
            assertThat(start.engine()).isEqualTo("up");
            assertThat(start.group()).isZero();
            assertThat(start.entropyKind()).isEqualTo(KIND);
            assertThat(start.plannedSamples()).isEqualTo(2);
        });
        assertThat(all.runs())
                .extracting(run -> run.sequence() + ":" + run.firstToken() + "+"
                        + run.tokens().size())
                .containsExactly("0:0+3", "1:0+1");
        assertThat(all.ends())
                .extracting(end -> end.sequence() + " " + end.reason() + " " + end.tokens() + " " + end.text())
                .containsExactlyInAnyOrder("0 LENGTH 3 abd", "1 END_OF_SEQUENCE 1 c");
    }

    @Test
    void textIsOnlyKeptIfItMayLeave() throws Exception {
        try (Watch watch = watch(false)) {
            WatchedAnswer answer = watch.begin(facts(1), this::note);
            answer.open(-1);
            answer.append(0, List.of(TOKEN), "secret");
            answer.end(0, EndReason.LENGTH);
            published.untilEnds(1);
        }
        StepEvents all = published.all();
        assertThat(all.ends()).extracting(SequenceEnded::text).containsExactly("");
        assertThat(all.runs()).extracting(TokenRun::text).containsOnlyNulls();
        assertThat(all.starts().get(0).promptTokens()).isEqualTo(-1);
    }

    @Test
    void aCommandEndsAChoiceWhereItFlowsAndLaterTokensAreNotItsOwn() throws Exception {
        try (Watch watch = watch(false)) {
            WatchedAnswer answer = watch.begin(facts(2), this::note);
            answer.open(1);
            answer.append(1, List.of(TOKEN), "");
            published.untilTokens(1);
            commands.send(Aborts.of(1, 0));
            published.untilEnds(1);
            answer.append(1, List.of(TOKEN), "");
            answer.end(1, EndReason.LENGTH);
            answer.append(0, List.of(TOKEN), "");
            answer.end(0, EndReason.LENGTH);
            published.untilEnds(2);
        }
        assertThat(ended).containsExactly("1 ABORTED rule-1 1");
        assertThat(outcomes.recorded()).singleElement().satisfies(outcome -> {
            assertThat(outcome.kind()).isEqualTo(OutcomeKind.APPLIED);
            assertThat(outcome.appliedAtToken()).isEqualTo(1);
        });
        assertThat(published.all().ends())
                .extracting(end -> end.sequence() + " " + end.reason() + " " + end.tokens())
                .containsExactly("1 ABORTED 1", "0 LENGTH 1");
    }

    @Test
    void theLedgerHoldsThoseThatRun() throws Exception {
        try (Watch watch = watch(false)) {
            WatchedAnswer answer = watch.begin(facts(3), this::note);
            answer.open(1);
            answer.append(0, List.of(TOKEN), "");
            published.untilTokens(1);
            assertThat(live()).isEqualTo(3);
            answer.end(0, EndReason.LENGTH);
            published.untilEnds(1);
            assertThat(live()).isEqualTo(2);
        }
        assertThat(live()).isZero();
    }

    private double live() {
        return registry.scrape(name -> name.equals("edistream_generator_live_sequences")).stream()
                .flatMap(metric -> metric.getDataPoints().stream())
                .mapToDouble(point -> ((GaugeSnapshot.GaugeDataPointSnapshot) point).getValue())
                .sum();
    }

    @Test
    void outcomesSayHowFarAnEndGoes() throws Exception {
        try (Watch watch = watch(false)) {
            WatchedAnswer answer = watch.begin(facts(3), this::note);
            answer.open(1);
            answer.append(0, List.of(TOKEN), "");
            answer.append(1, List.of(TOKEN), "");
            published.untilTokens(2);
            commands.send(Aborts.of(0, 0));
            commands.send(Aborts.of(1, 0));
            published.untilEnds(2);
            // Of the last one nothing has come yet: its prompt may still be read.
            commands.send(Aborts.of(2, 0));
            published.untilEnds(3);
            WatchedAnswer other = watch.begin(facts(1), this::note);
            other.open(1);
            other.append(0, List.of(TOKEN), "");
            published.untilTokens(3);
            commands.send(Aborts.of(3, 0));
            published.untilEnds(4);
        }
        assertThat(outcomes.recorded())
                .extracting(ControlOutcome::effect)
                .containsExactly(Effect.HIDDEN, Effect.HIDDEN, Effect.CLOSED, Effect.STOPPED);
        assertThat(outcomes.recorded())
                .extracting(ControlOutcome::detail)
                .satisfiesExactly(
                        one -> assertThat(one).startsWith("hidden, not stopped"),
                        one -> assertThat(one).startsWith("hidden, not stopped"),
                        one -> assertThat(one).startsWith("closed, not stopped"),
                        one -> assertThat(one).isEmpty());
    }

    @Test
    void requestsOfOneNameAreOneGroupOfWhichTheLastIsSpared() throws Exception {
        try (Watch watch = watch(false)) {
            WatchedAnswer first = watch.begin(facts(1, "votes"), this::note);
            WatchedAnswer second = watch.begin(facts(1, "votes"), this::note);
            WatchedAnswer alone = watch.begin(facts(1, "others"), this::note);
            for (WatchedAnswer answer : List.of(first, second, alone)) {
                answer.open(1);
                answer.append(0, List.of(TOKEN), "");
            }
            published.untilTokens(3);
            commands.send(Aborts.sparingLast(0, 0));
            published.untilEnds(1);
            commands.send(Aborts.sparingLast(1, 0));
            commands.send(Aborts.sparingLast(2, 0));
            while (outcomes.recorded().size() < 3) {
                Thread.onSpinWait();
            }
            second.end(0, EndReason.LENGTH);
            alone.end(0, EndReason.LENGTH);
            published.untilEnds(3);
        }
        assertThat(published.all().starts())
                .extracting(start -> start.sequence() + " of " + start.group())
                .containsExactly("0 of 0", "1 of 0", "2 of 2");
        assertThat(outcomes.recorded())
                .extracting(ControlOutcome::kind)
                .containsExactly(OutcomeKind.APPLIED, OutcomeKind.REFUSED, OutcomeKind.REFUSED);
    }

    @Test
    void whatCannotBeEndedIsNotEnded() throws Exception {
        try (Watch watch = watch(false)) {
            WatchedAnswer answer = watch.begin(facts(1), null);
            answer.open(1);
            answer.append(0, List.of(TOKEN), "");
            published.untilTokens(1);
            commands.send(Aborts.of(0, 0));
            answer.append(0, List.of(TOKEN), "");
            // Reported behind the command; an end might be taken in before it.
            published.untilTokens(2);
            answer.end(0, EndReason.LENGTH);
            published.untilEnds(1);
        }
        assertThat(ended).isEmpty();
        assertThat(outcomes.recorded()).extracting(ControlOutcome::kind).containsExactly(OutcomeKind.REFUSED);
    }

    @Test
    void tokensThatCannotBeTakenInAreLostAndTheIndexStaysTrue() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        published.blockedBy(stuck);
        try (Watch watch = watch(false)) {
            WatchedAnswer answer = watch.begin(facts(1), this::note);
            answer.open(1);
            List<DecodedToken> many = Collections.nCopies(Watch.MAX_WAITING_TOKENS, TOKEN);
            answer.append(0, List.of(TOKEN), "");
            published.awaitBlocked();
            answer.append(0, many, "");
            answer.append(0, List.of(TOKEN, TOKEN), "");
            stuck.countDown();
            published.untilTokens(1 + many.size());
            answer.append(0, List.of(TOKEN), "");
            answer.end(0, EndReason.LENGTH);
            published.untilEnds(1);
        }
        StepEvents all = published.all();
        assertThat(all.ends().get(0).tokens()).isEqualTo(Watch.MAX_WAITING_TOKENS + 4);
        List<DecodedToken> tokens = all.runs().get(0).tokens();
        assertThat(tokens.subList(tokens.size() - 3, tokens.size()))
                .extracting(DecodedToken::unmeasured)
                .containsExactly(UnmeasuredReason.LOST, UnmeasuredReason.LOST, null);
        assertThat(lost).hasValue(2);
    }

    @Test
    void closingEndsWhatIsWatchedAndTellsWhoeverItFlowsThrough() throws Exception {
        Watch watch = watch(false);
        WatchedAnswer answer = watch.begin(facts(1), this::note);
        assertThatIllegalStateException().isThrownBy(() -> answer.end(0, EndReason.LENGTH));
        answer.open(1);
        answer.append(0, List.of(TOKEN), "");
        published.untilTokens(1);
        watch.close();
        assertThat(published.all().ends()).extracting(SequenceEnded::reason).containsExactly(EndReason.CANCELLED);
        assertThat(ended).containsExactly("0 CANCELLED null 1");
    }

    @Test
    void seriesAreBoundedWhateverClientsCallTheirModels() throws Exception {
        try (Watch watch = watch(false)) {
            for (int model = 0; model < Watch.MAX_LEDGERS + 20; model++) {
                WatchedAnswer answer = watch.begin(
                        new AnswerFacts(
                                "m" + model, "r", "up", KIND, 0, ToldSampling.UNKNOWN, 1, null, null, null, true, STOP),
                        this::note);
                answer.open(1);
                answer.end(0, EndReason.LENGTH);
            }
            published.untilEnds(Watch.MAX_LEDGERS + 20);
        }
        assertThat(registry.scrape(name -> name.equals("edistream_generator_sequences_started")).stream()
                        .flatMap(metric -> metric.getDataPoints().stream()))
                .hasSize(Watch.MAX_LEDGERS + 1);
    }

    private Watch watch(boolean keepsText) {
        return new Watch(
                1,
                published,
                commands,
                outcomes,
                new GeneratorMetrics(registry),
                MicrosClock.system(),
                keepsText,
                lost::addAndGet);
    }

    private static AnswerFacts facts(int choices) {
        return facts(choices, null);
    }

    private static AnswerFacts facts(int choices, @Nullable String group) {
        return new AnswerFacts(
                "m", "r", "up", KIND, 100, ToldSampling.UNKNOWN, choices, "mine", group, null, true, STOP);
    }

    private void note(int choice, Ended how) {
        ended.add(choice + " " + how.reason() + " " + how.rule() + " " + how.token());
    }
}
