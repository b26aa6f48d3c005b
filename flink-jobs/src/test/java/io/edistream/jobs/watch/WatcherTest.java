package io.edistream.jobs.watch;

import static io.edistream.jobs.Batches.batch;
import static io.edistream.jobs.Batches.newStart;
import static io.edistream.jobs.Batches.token;
import static io.edistream.jobs.Batches.tokens;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.tuple;

import io.edistream.jobs.Batches;
import io.edistream.jobs.Recording;
import io.edistream.jobs.source.SourceRecord;
import io.edistream.jobs.source.SourceRecord.Undecoded;
import io.edistream.schemas.Command;
import io.edistream.schemas.FinishReason;
import io.edistream.schemas.Ids;
import io.edistream.schemas.Label;
import io.edistream.schemas.LateLabel;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.signals.Scoring;
import io.edistream.signals.rules.Act;
import io.edistream.signals.rules.LimitScope;
import io.edistream.signals.rules.Mode;
import io.edistream.signals.rules.RuleKey;
import io.edistream.signals.rules.Rules;
import io.edistream.signals.rules.Threshold;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is watched, for how long, and what is refused. */
class WatcherTest {

    private static final Duration IDLE = Duration.ofSeconds(4);
    private static final long QUARTER_MICROS = 1_000_000;
    private static final Duration MILLI = Duration.ofMillis(1);
    private static final WatchSettings SETTINGS = WatchSettings.DEFAULT.withIdleTimeout(IDLE);

    private static WatchHarness harness() {
        return new WatchHarness(SETTINGS);
    }

    private static List<RejectReason> reasons(WatchHarness job) {
        return job.told.rejected.stream().map(Rejected::getReason).toList();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 20, 300})
    void storedAndReadAtRandomPointsItSaysTheSame(long seed) throws IOException {
        WatchHarness straight = new WatchHarness(Recording.SETTINGS);
        WatchHarness restarted = new WatchHarness(Recording.SETTINGS);
        Random random = new Random(seed);
        for (SourceRecord record : Recording.records(seed)) {
            Undecoded undecoded = (Undecoded) record;
            straight.feed(undecoded.generator(), undecoded.origin(), undecoded.bytes());
            if (random.nextInt(15) == 0) {
                restarted.restart();
            }
            restarted.feed(undecoded.generator(), undecoded.origin(), undecoded.bytes());
        }
        assertThat(restarted.told.scores).isEqualTo(straight.told.scores).hasSizeGreaterThan(100);
        assertThat(restarted.told.commands).isEqualTo(straight.told.commands).isNotEmpty();
        assertThat(restarted.told.spikes).isEqualTo(straight.told.spikes).isNotEmpty();
        assertThat(straight.told.scores.stream().filter(Score::getFinal$))
                .extracting(Score::getSequence)
                .doesNotHaveDuplicates()
                .hasSize(Recording.GENERATORS * Recording.SEQUENCES);
        assertThat(straight.counts.abandoned).isPositive();
        assertThat(straight.store.live()).isEqualTo(straight.watcher.live()).isZero();
        assertThat(restarted.watcher.generators()).isEqualTo(Recording.GENERATORS);
    }

    @Test
    void whatIsHandedOutInCopiesIsPutBack() throws IOException {
        WatchHarness held = new WatchHarness(Recording.SETTINGS);
        WatchHarness copied = WatchHarness.copying(Recording.SETTINGS);
        for (SourceRecord record : Recording.records(7)) {
            Undecoded undecoded = (Undecoded) record;
            held.feed(undecoded.generator(), undecoded.origin(), undecoded.bytes());
            copied.feed(undecoded.generator(), undecoded.origin(), undecoded.bytes());
        }
        assertThat(copied.told.scores).isEqualTo(held.told.scores).isNotEmpty();
        assertThat(copied.told.commands).isEqualTo(held.told.commands).isNotEmpty();

        WatchHarness silent = WatchHarness.copying(SETTINGS.withRetention(IDLE.multipliedBy(2)));
        silent.feed(batch(0).start(1)).pass(IDLE.minus(MILLI)).restart().pass(IDLE);
        assertThat(silent.counts.closedByClock).isEqualTo(1);
        silent.pass(IDLE);
        assertThat(silent.watcher.generators()).isZero();

        WatchHarness shorter = WatchHarness.copying(SETTINGS).feed(batch(0).start(1));
        shorter.restart(SETTINGS.withIdleTimeout(IDLE.dividedBy(10))).pass(IDLE.dividedBy(10));
        assertThat(shorter.counts.closedByClock).isEqualTo(1);
    }

    @Test
    void aSourceHasOneTimerForWhatIsNextDue() throws IOException {
        Duration retention = Duration.ofHours(1);
        WatchHarness job = new WatchHarness(SETTINGS.withRetention(retention));
        long start = job.now;
        job.feed(batch(0).start(1));
        assertThat(job.store.timers.get(Batches.GENERATOR)).containsExactly(start + IDLE.toMillis());

        job.pass(Duration.ofSeconds(1)).feed(batch(1).run(1, 0, token(1)));
        assertThat(job.store.timers.get(Batches.GENERATOR)).containsExactly(start + IDLE.toMillis());
        job.pass(IDLE.minus(Duration.ofSeconds(1)));
        assertThat(job.store.timers.get(Batches.GENERATOR)).containsExactly(start + 1_000 + IDLE.toMillis());

        job.feed(batch(2).finish(1, 1)).pass(Duration.ofSeconds(1));
        assertThat(job.store.timers.get(Batches.GENERATOR))
                .containsExactly(start + IDLE.toMillis() + retention.toMillis());

        job.store.timers.clear();
        job.restart();
        assertThat(job.store.timers.get(Batches.GENERATOR)).containsExactly(job.now + IDLE.toMillis());
    }

    @Test
    void timersOfALongerTimeOutAreForNothing() throws IOException {
        WatchSettings shorter = SETTINGS.withIdleTimeout(IDLE.dividedBy(10)).withRetention(IDLE.dividedBy(10));
        WatchHarness forgotten = harness().feed(batch(0).start(1)).restart(shorter);
        forgotten.pass(IDLE.dividedBy(2));
        assertThat(forgotten.watcher.generators()).isZero();
        assertThat(forgotten.timers()).isEqualTo(1);
        forgotten.pass(IDLE.dividedBy(2));
        assertThat(forgotten.timers()).isZero();

        WatchHarness running = harness().feed(batch(0).start(1)).restart(shorter);
        for (int i = 1; i <= 21; i++) {
            running.pass(IDLE.dividedBy(20)).feed(batch(i));
        }
        assertThat(running.watcher.live()).isEqualTo(1);
        assertThat(running.timers()).isEqualTo(1);
    }

    @Test
    void aSourceIsNotForgottenWhileItsRecordsMayWait() {
        Duration retention = Duration.ofHours(1);
        WatchHarness job = new WatchHarness(SETTINGS.withRetention(retention))
                .feed(batch(0).start(7).finish(7, 0));
        job.watcher.backlog().readUpTo(job.now, job.now);
        job.pass(retention);
        assertThat(job.watcher.generators()).isEqualTo(1);

        job.watcher.backlog().readUpTo(job.now, job.now);
        job.watcher.backlog().idle(true, job.now);
        job.pass(IDLE);
        assertThat(job.watcher.generators()).isZero();
    }

    @Test
    void deadlinesOfEndedSequencesDoNotGather() {
        WatchHarness job = harness().feed(batch(0).start(0));
        for (int i = 1; i <= 3_000; i++) {
            job.feed(batch(i).start(i).finish(i, 0));
            assertThat(job.watcher.deadlines()).isBetween(1, 1_024 + 2);
        }
        assertThat(job.watcher.live()).isEqualTo(1);
        job.feed(batch(3_001).finish(0, 0));
        assertThat(job.watcher.deadlines()).isZero();

        job.feed(batch(3_002).start(4_000)).feed(batch(3_003).start(4_001).finish(4_001, 0));
        job.pass(IDLE);
        assertThat(job.counts.closedByClock).isEqualTo(1);
        assertThat(job.watcher.deadlines()).isZero();
    }

    /** After a sweep, those that run must still fall due. */
    @Test
    void sequencesThatRunAreAbandonedAfterASweepToo() {
        WatchHarness job = harness().feed(batch(0).at(0).start(0));
        for (int i = 1; i <= 2_000; i++) {
            job.feed(batch(i).at(0).start(i).finish(i, 0));
        }
        for (int step = 1; step <= 4; step++) {
            job.feed(batch(2_000 + step).at(step * QUARTER_MICROS));
        }
        assertThat(job.counts.abandoned).isZero();
        job.feed(batch(2_005).at(4 * QUARTER_MICROS + 1));
        assertThat(job.counts.abandoned).isEqualTo(1);
    }

    @Test
    void aClockAtTheEndOfItsTypeEndsNobody() {
        WatchHarness job = harness().feed(batch(0).at(0).start(1));
        job.store.generators.get(Batches.GENERATOR).advance(Long.MAX_VALUE, Long.MAX_VALUE);
        job.feed(batch(1).at(0).start(2).run(1, 0, token(1))).feed(batch(2).at(0));
        assertThat(job.counts.abandoned).isZero();
        assertThat(job.watcher.live()).isEqualTo(2);
    }

    @Test
    void lateLabelsAreCounted() {
        TokenEntropyBatch labels = batch(1).build();
        labels.setLabels(List.of(
                new LateLabel(1L, new Label(true, null, "test")), new LateLabel(2L, new Label(false, null, "test"))));
        WatchHarness job = harness().feed(batch(0).start(1));
        job.feed(
                Batches.GENERATOR,
                new Origin(0, 1),
                RecordCodec.of(TokenEntropyBatch.class).encode(labels));
        assertThat(job.counts.lateLabels).isEqualTo(2);
    }

    @Test
    void aRecordThatCannotBeReadNamesItsSource() {
        WatchHarness job = harness().feed(9, new Origin(3, 4), new byte[] {1, 2, 3});
        Rejected rejected = job.told.rejected.get(0);
        assertThat(rejected.getReason()).isEqualTo(RejectReason.UNREADABLE);
        assertThat(rejected.getGenerator()).isEqualTo(Ids.generatorId(9));
        assertThat(rejected.getPayload()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    }

    @Test
    void aSequenceIsAbandonedWhenItsSourceIsMoreThanTheTimeOutLater() {
        WatchHarness job = harness().feed(batch(0).at(0).start(1).start(2).run(1, 0, token(1)));
        for (int step = 1; step <= 4; step++) {
            job.feed(batch(step).at(step * QUARTER_MICROS).run(2, step, token(1)));
        }
        assertThat(job.counts.abandoned).isZero();

        job.feed(batch(5).at(4 * QUARTER_MICROS + 1).run(2, 5, token(1)));
        assertThat(job.counts.abandoned).isEqualTo(1);
        Score score = job.told.scores.get(0);
        assertThat(Ids.counter(score.getSequence())).isEqualTo(1);
        assertThat(score.getFinal$()).isTrue();
        assertThat(score.getFinishReason()).isEqualTo(FinishReason.ABANDONED);
        assertThat(score.getClosedByClock()).isFalse();
        assertThat(job.watcher.live()).isEqualTo(1);

        job.feed(batch(6).at(4 * QUARTER_MICROS + 2).run(1, 1, token(1)));
        assertThat(reasons(job)).containsExactly(RejectReason.AFTER_FINISH);
    }

    @Test
    void anEventAtTheTimeOutKeepsASequence() {
        WatchHarness job = harness().feed(batch(0).at(0).start(1));
        for (int step = 1; step <= 40; step++) {
            Batches batch = batch(step).at(step * QUARTER_MICROS);
            job.feed(step % 4 == 0 ? batch.run(1, step, token(1)) : batch);
        }
        assertThat(job.counts.abandoned).isZero();
        assertThat(job.watcher.live()).isEqualTo(1);
    }

    /** It is looked at because it started long enough ago, and its last event lies exactly the time-out behind. */
    @Test
    void atTheTimeOutASequenceThatIsLookedAtStays() {
        WatchHarness job = harness().feed(batch(0).at(0).start(1));
        job.feed(batch(1).at(QUARTER_MICROS).run(1, 0, token(1)));
        for (int step = 2; step <= 5; step++) {
            job.feed(batch(step).at(step * QUARTER_MICROS));
        }
        assertThat(job.counts.abandoned).isZero();
        job.feed(batch(6).at(5 * QUARTER_MICROS + 1));
        assertThat(job.counts.abandoned).isEqualTo(1);
    }

    @Test
    void impossibleAndRepeatedTokensAreLeftOutAndToldOfOncePerRun() {
        WatchHarness job = harness().feed(batch(0).start(1).run(1, 0, tokens(1, 1)));
        job.feed(batch(1).run(1, 1, tokens(9, 1, -1, 1, -2, -3)));
        assertThat(job.counts.tokens).isEqualTo(4);
        assertThat(job.counts.repeatedTokens).isEqualTo(1);
        assertThat(job.counts.missingTokens).isEqualTo(1);
        assertThat(job.told.rejected)
                .extracting(Rejected::getReason, Rejected::getToken)
                .containsExactly(tuple(RejectReason.REPEATED_TOKENS, 1), tuple(RejectReason.BAD_VALUE, 3));
        assertThat(job.told.rejected.get(0).getDetail())
                .startsWith("1 of the tokens 1 to 6 lie at or before token 1, which was taken already");
        assertThat(job.told.rejected.get(1).getDetail())
                .startsWith("token 3: entropy -1.0: must be finite and at least 0")
                .endsWith("it was left out, as were 2 more of its run");
        job.feed(batch(2).finish(1, 7));
        assertThat(job.told.scores.get(0).getMissing()).isEqualTo(3);
        assertThat(job.told.scores.get(0).getTokens()).isEqualTo(4);
    }

    @Test
    void aClockThatJumpsEndsNobody() {
        WatchHarness job = harness().feed(batch(0).at(0).start(1));
        long[] times = {Long.MAX_VALUE, 0, Long.MIN_VALUE, Long.MAX_VALUE, 5};
        for (int i = 0; i < times.length; i++) {
            job.feed(batch(i + 1).at(times[i]));
        }
        // Two steps ahead, to the end of time each, of which a quarter counts; steps back count for nothing.
        assertThat(job.counts.abandoned).isZero();
        assertThat(job.store.generators.get(Batches.GENERATOR).clockMicros()).isEqualTo(2 * QUARTER_MICROS);
    }

    @Test
    void aSourceThatIsSilentAltogetherIsClosedByTheClock() {
        WatchHarness job = harness();
        job.feed(1, batch(1, 0).start(1).start(2).run(1, 0, token(1)));
        job.feed(2, batch(2, 0).start(1));
        job.pass(IDLE.minus(MILLI));
        job.feed(2, batch(2, 1).run(1, 0, token(1)));
        assertThat(job.counts.closedByClock).isZero();

        job.pass(MILLI);
        assertThat(job.counts.closedByClock).isEqualTo(2);
        assertThat(job.told.scores)
                .extracting(Score::getFinishReason, Score::getClosedByClock, score -> Ids.counter(score.getSequence()))
                .containsExactly(tuple(FinishReason.ABANDONED, true, 1L), tuple(FinishReason.ABANDONED, true, 2L));
        assertThat(job.watcher.live()).isEqualTo(1);
        assertThat(job.watcher.generators()).isEqualTo(2);

        job.pass(IDLE);
        assertThat(job.counts.closedByClock).isEqualTo(3);
        assertThat(job.store.live()).isZero();
    }

    @Test
    void silenceIsCountedAnewAfterARestart() throws IOException {
        WatchHarness job = harness().feed(batch(0).start(1));
        job.pass(IDLE.minus(MILLI)).restart().pass(IDLE.minus(MILLI));
        assertThat(job.counts.closedByClock).isZero();
        job.pass(MILLI);
        assertThat(job.counts.closedByClock).isEqualTo(1);
    }

    @Test
    void aShorterTimeOutHoldsAfterARestart() throws IOException {
        WatchHarness byClock = harness().feed(batch(0).start(1));
        byClock.restart(SETTINGS.withIdleTimeout(Duration.ofMillis(400))).pass(Duration.ofMillis(400));
        assertThat(byClock.counts.closedByClock).isEqualTo(1);

        WatchHarness byRecords = harness().feed(batch(0).at(0).start(1));
        byRecords.restart(SETTINGS.withIdleTimeout(Duration.ofMillis(400)));
        for (int step = 1; step <= 4; step++) {
            byRecords.feed(batch(step).at(step * 100_000L));
        }
        assertThat(byRecords.counts.abandoned).isZero();
        byRecords.feed(batch(5).at(400_001));
        assertThat(byRecords.counts.abandoned).isEqualTo(1);
    }

    @Test
    void aHaltOfThreeTimeOutsAndTwoToDrainEndNobody() {
        WatchHarness job =
                harness().feed(1, batch(1, 0).start(1)).feed(2, batch(2, 0).start(1));
        job.watcher.backlog().readUpTo(job.now, job.now);
        long before = job.now;
        job.halt(IDLE.multipliedBy(3));
        for (int i = 1; i <= 20; i++) {
            job.pass(IDLE.dividedBy(10));
            // The records of one source come first, those of the other last of all.
            job.feed(1, batch(1, i).run(1, i, token(1)));
            job.watcher.backlog().readUpTo(before + i * IDLE.toMillis() / 10, job.now);
        }
        job.feed(2, batch(2, 1).run(1, 0, token(1)));
        job.watcher.backlog().readUpTo(job.now, job.now);
        assertThat(job.counts.closedByClock).isZero();

        job.watcher.backlog().idle(true, job.now);
        job.pass(IDLE.multipliedBy(2));
        assertThat(job.counts.closedByClock).isEqualTo(2);
    }

    @Test
    void aClockThatIsSetBackBetweenRunsKeepsNobodyForEver() throws IOException {
        WatchHarness job = harness().feed(batch(0).start(1));
        job.now -= Duration.ofDays(30).toMillis();
        job.restart().pass(IDLE);
        assertThat(job.counts.closedByClock).isEqualTo(1);
    }

    @Test
    void aSourceIsForgottenAfterTheRetention() {
        Duration retention = Duration.ofHours(1);
        WatchHarness job = new WatchHarness(SETTINGS.withRetention(retention));
        job.feed(batch(0).start(7).finish(7, 0));
        job.pass(retention.minus(MILLI));
        job.feed(batch(1).start(7));
        assertThat(reasons(job)).containsExactly(RejectReason.SECOND_START);

        job.pass(retention.minus(MILLI));
        assertThat(job.watcher.generators()).isEqualTo(1);
        job.pass(MILLI);
        assertThat(job.watcher.generators()).isZero();
        assertThat(job.store.generators).isEmpty();
        assertThat(job.store.sequences).isEmpty();
        assertThat(job.timers()).isZero();
        job.feed(batch(2).start(7));
        assertThat(job.watcher.live()).isEqualTo(1);
    }

    @Test
    void restartsDoNotKeepASourceForEver() throws IOException {
        Duration retention = Duration.ofHours(1);
        WatchHarness job = new WatchHarness(SETTINGS.withRetention(retention))
                .feed(batch(0).start(7).finish(7, 0));
        for (int i = 0; i < 5; i++) {
            job.pass(Duration.ofMinutes(10)).restart();
        }
        job.pass(Duration.ofMinutes(10).minus(MILLI)).restart();
        // Not before it is certain that none of its records waits.
        job.pass(IDLE.minus(MILLI));
        assertThat(job.watcher.generators()).isEqualTo(1);
        job.pass(MILLI);
        assertThat(job.watcher.generators()).isZero();
    }

    @Test
    void liveSequencesHaveABoundPerSource() {
        WatchHarness job = new WatchHarness(SETTINGS.withBounds(2, 100, 100));
        job.feed(1, batch(1, 0).start(1).start(2).start(3).run(3, 0, token(1)));
        job.feed(2, batch(2, 0).start(1).start(2));
        assertThat(job.counts.rejected)
                .containsOnly(entry(RejectReason.LIVE_LIMIT, 1L), entry(RejectReason.AFTER_FINISH, 1L));
        assertThat(job.told.rejected.get(0).getDetail()).contains("beyond the 2 that one source may have live");
        // One that was refused stays so; what ends makes room for another.
        job.feed(1, batch(1, 1).finish(1, 0).start(3).start(4));
        assertThat(reasons(job)).endsWith(RejectReason.SECOND_START, RejectReason.LIVE_LIMIT);
        job.feed(1, batch(1, 2).start(5));
        assertThat(job.watcher.live()).isEqualTo(4);
        assertThat(job.store.live()).isEqualTo(4);
    }

    @Test
    void liveSequencesHaveABoundPerTaskThatHoldsAfterARestartToo() throws IOException {
        WatchHarness job = new WatchHarness(SETTINGS.withBounds(2, 3, 100));
        job.feed(1, batch(1, 0).start(1).start(2)).feed(2, batch(2, 0).start(1).start(2));
        assertThat(job.told.rejected).hasSize(1);
        assertThat(job.told.rejected.get(0).getDetail()).contains("beyond the 3 that one task watches");
        job.restart().feed(3, batch(3, 0).start(1));
        assertThat(reasons(job)).containsExactly(RejectReason.LIVE_LIMIT, RejectReason.LIVE_LIMIT);
        assertThat(job.watcher.live()).isEqualTo(3);
    }

    @Test
    void sourcesHaveABoundPerTaskAndEverythingOfOthersIsCounted() {
        WatchHarness job = new WatchHarness(SETTINGS.withBounds(9, 9, 1))
                .feed(1, batch(1, 0).start(1));
        job.feed(2, batch(2, 0).start(1).start(2).run(1, 0, token(1)).finish(2, 0));
        assertThat(job.counts.rejected)
                .containsOnly(entry(RejectReason.GENERATOR_LIMIT, 2L), entry(RejectReason.UNKNOWN_SEQUENCE, 2L));
        assertThat(job.told.rejected.get(0).getDetail()).contains("beyond the 1 that one task watches");
        assertThat(job.watcher.generators()).isEqualTo(1);
        assertThat(job.store.generators).containsOnlyKeys(1L);
        job.feed(1, batch(1, 1).run(1, 0, token(1)));
        assertThat(job.counts.tokens).isEqualTo(1);
    }

    @Test
    void startsThatCannotBeAreRejectedAndNameTheBound() {
        long first = 1L << 20;
        WatchHarness job = harness().feed(batch(0).start(first));
        job.feed(batch(1).start(first)
                .start(first - StartWindow.LENGTH + 1)
                .start(first - StartWindow.LENGTH)
                .start(first + StartWindow.MAX_JUMP + 1)
                .start(-1));
        assertThat(reasons(job))
                .containsExactly(
                        RejectReason.SECOND_START,
                        RejectReason.OLD_START,
                        RejectReason.COUNTER_JUMP,
                        RejectReason.BAD_VALUE);
        assertThat(job.told.rejected)
                .extracting(Rejected::getDetail)
                .satisfiesExactly(
                        detail -> assertThat(detail).contains("must come once"),
                        detail -> assertThat(detail)
                                .contains(
                                        "sequence 983040 after that of sequence 1048576: must be less than 65536 behind"),
                        detail -> assertThat(detail).contains("must be at most 2147483648 ahead"),
                        detail -> assertThat(detail).contains("counter -1 in the start: must be at least 0"));
        assertThat(job.counts.started).isEqualTo(2);
        job.feed(batch(2).start(first + StartWindow.MAX_JUMP));
        assertThat(job.counts.started).isEqualTo(3);
    }

    @Test
    void aStartThatMakesNoSenseIsNotWatchedAndMayBeSentAgain() {
        var bad = newStart(4);
        bad.setVocabularySize(1);
        WatchHarness job = harness().feed(batch(0).start(bad).start(5));
        assertThat(job.told.rejected.get(0).getDetail())
                .isEqualTo("vocabulary of 1 tokens in the start: must be 0, for unknown, or 2 to 16777216; the sequence"
                        + " is not watched");
        job.feed(batch(1).start(4));
        assertThat(job.counts.started).isEqualTo(2);
    }

    @Test
    void recordsOfAnUnknownSourceMakeNoState() {
        WatchHarness job = harness().feed(batch(0).run(1, 0, token(1)).finish(2, 0));
        assertThat(reasons(job)).containsExactly(RejectReason.UNKNOWN_SEQUENCE, RejectReason.UNKNOWN_SEQUENCE);
        assertThat(job.store.generators).isEmpty();
        assertThat(job.store.live()).isZero();
        assertThat(job.watcher.generators()).isZero();
        assertThat(job.timers()).isZero();
    }

    @Test
    void columnsThatDoNotFitCostTheTokensOfTheirRecordAlone() {
        WatchHarness job = harness().feed(batch(0).start(1).run(1, 0, token(1)));
        TokenEntropyBatch damaged =
                batch(1).start(2).run(1, 1, tokens(1, 2)).finish(1, 1).build();
        damaged.setEntropies(List.of(1f));
        job.feed(
                Batches.GENERATOR,
                new Origin(3, 4),
                RecordCodec.of(TokenEntropyBatch.class).encode(damaged));
        assertThat(reasons(job)).containsExactly(RejectReason.COLUMN_MISMATCH);
        Rejected rejected = job.told.rejected.get(0);
        assertThat(rejected.getDetail())
                .contains("1 values in column entropies")
                .contains("no token of the record");
        assertThat(rejected.getPartition()).isEqualTo(3);
        assertThat(rejected.getOffset()).isEqualTo(4);
        assertThat(job.counts.tokens).isEqualTo(1);
        assertThat(job.counts.started).isEqualTo(2);
        assertThat(job.counts.finished).isEqualTo(1);
    }

    @Test
    void tokenIndexesAndTheNumberOfTokensHaveBounds() {
        WatchHarness job = harness().feed(batch(0).start(1).start(2));
        job.feed(batch(1).run(1, -1, token(1)).run(1, Starts.MAX_TOKEN, tokens(1, 1)));
        job.feed(batch(2).run(1, Integer.MAX_VALUE, token(1)).run(1, Integer.MIN_VALUE, token(1)));
        assertThat(reasons(job)).hasSize(4).containsOnly(RejectReason.BAD_VALUE);
        job.feed(batch(3).run(1, Starts.MAX_TOKEN, token(1)));
        assertThat(job.counts.tokens).isEqualTo(1);
        assertThat(job.counts.missingTokens).isEqualTo(Starts.MAX_TOKEN);
        job.feed(batch(4).finish(1, Starts.MAX_TOKEN).finish(2, Starts.MAX_TOKEN + 2));
        assertThat(reasons(job)).hasSize(6).containsOnly(RejectReason.BAD_VALUE);
        assertThat(job.told.rejected.get(5).getDetail())
                .isEqualTo(
                        "tokens 16777217 in the finish: must be 0 to 16777216, and none arrived; the sequence was ended"
                                + " without that number");
        assertThat(job.told.rejected.get(4).getDetail())
                .isEqualTo("tokens 16777215 in the finish: must be 16777216 to 16777216, since tokens up to 16777215"
                        + " arrived; the sequence was ended without that number");
        assertThat(job.counts.finished).isEqualTo(2);
        assertThat(job.counts.missingTokens).isEqualTo(Starts.MAX_TOKEN);
        job.feed(batch(5).start(3).finish(3, Starts.MAX_TOKEN + 1));
        assertThat(job.counts.missingTokens).isEqualTo(2L * Starts.MAX_TOKEN + 1);
    }

    @Test
    void whatIsWrongInEveryStepIsToldOfWithinABudgetAndCountedWhole() {
        int steps = 10_000;
        byte[] unreadable = {1, 2, 3};
        WatchHarness job = harness().feed(batch(0).start(1));
        for (int step = 1; step <= steps; step++) {
            job.now += 6;
            job.feed(batch(step)
                    .run(1, step, token(Double.NaN))
                    .run(1, step, List.of())
                    .run(99, 0, token(1))
                    .start(1));
            job.feed(Batches.GENERATOR, new Origin(0, step), unreadable);
        }
        assertThat(job.counts.rejected)
                .containsOnlyKeys(
                        RejectReason.BAD_VALUE,
                        RejectReason.EMPTY_RUN,
                        RejectReason.UNKNOWN_SEQUENCE,
                        RejectReason.SECOND_START,
                        RejectReason.UNREADABLE)
                .allSatisfy((reason, count) -> assertThat(count).isEqualTo(steps));
        job.now += 60_000;
        job.tick();
        // One minute of steps: the first ones of each reason, one summary, and nothing is lost.
        assertThat(job.told.rejected).hasSize(5 * (Rejections.TOLD_PER_MINUTE + 1));
        assertThat(job.told.rejected.stream().mapToLong(Rejected::getCount).sum())
                .isEqualTo(5L * steps);
        assertThat(job.watcher.live()).isEqualTo(1);
    }

    @Test
    void aRuleMustNameASignalThatIsThereAndSequencesOfAnotherScoringAreSparedIt() throws IOException {
        Rules rules = Rules.of(
                Threshold.above(
                        new RuleKey("digits", 1),
                        LimitScope.ofModels("reasoner-s"),
                        "class_digit.sequence_entropy",
                        0.5,
                        new Act.Prune()),
                Mode.ARMED);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new WatchHarness(SETTINGS.with(rules)))
                .withMessageContaining("class_digit.sequence_entropy");

        WatchHarness job = harness().feed(batch(0).start(1));
        job.restart(SETTINGS.with(Scoring.DEFAULT.withTrackedClass("digit")).with(rules));
        job.feed(batch(1).start(2).run(1, 0, token(1, -1, 3, 1)).run(2, 0, token(1, -1, 3, 1)));
        assertThat(job.told.commands)
                .extracting(Command::getSequence)
                .containsExactly(Ids.sequenceId(Batches.GENERATOR, 2));
        job.feed(batch(2).finish(1, 1).finish(2, 1));
        assertThat(job.told.scores).extracting(Score::getScoring).doesNotHaveDuplicates();
        assertThat(job.told.scores.get(0).getClassSignals()).isEmpty();
        assertThat(job.told.scores.get(1).getClassSignals()).hasSize(1);
    }

    @Test
    void recordsThatNeverCameAreCountedAndRepeatedOnesAreNot() {
        WatchHarness job = harness()
                .feed(batch(10).start(1))
                .feed(batch(14))
                .feed(batch(12))
                .feed(batch(14));
        assertThat(job.counts.missingRecords).isEqualTo(3);
        job.feed(batch(15));
        assertThat(job.counts.missingRecords).isEqualTo(3);
    }

    @Test
    void theTopicTwiceGivesOneFinalScoreEach() {
        WatchHarness job = harness();
        for (int time = 0; time < 2; time++) {
            for (int i = 0; i < 200; i++) {
                job.feed(batch(i).start(i).run(i, 0, tokens(1, 2)).finish(i, 2));
            }
        }
        assertThat(job.counts.finalScores).isEqualTo(200);
        assertThat(job.counts.tokens).isEqualTo(400);
        assertThat(job.watcher.live()).isZero();
    }
}
