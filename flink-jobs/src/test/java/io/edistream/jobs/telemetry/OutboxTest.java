package io.edistream.jobs.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class OutboxTest {

    /** Bytes that each record of this test takes: a key of one byte, a value of one. */
    private static final int RECORD = Entry.OVERHEAD_BYTES + 2;

    private final List<RecordKind> full = new ArrayList<>();
    private final List<RecordKind> lost = new ArrayList<>();

    private Outbox outbox(long bytes, int records) {
        return new Outbox(new OutboxLimits(bytes, records), full::add, lost::add);
    }

    private static void running(Outbox outbox, int... values) {
        for (int value : values) {
            outbox.offer(RecordKind.RUNNING, new byte[1], new byte[] {(byte) value});
        }
    }

    private static void last(Outbox outbox, int... values) {
        for (int value : values) {
            outbox.offer(RecordKind.FINAL, new byte[1], new byte[] {(byte) value});
        }
    }

    private static int value(Entry entry) {
        return entry.value()[0];
    }

    private static Entry take(Outbox outbox) throws InterruptedException {
        Entry entry = outbox.take(false, 0, 10_000);
        assertThat(entry).isNotNull();
        return entry;
    }

    /** What is there at a time, none of it waited for. */
    private static List<Integer> takeAll(Outbox outbox, long nowMillis) throws InterruptedException {
        List<Integer> values = new ArrayList<>();
        for (Entry next = outbox.take(false, nowMillis, 1); next != null; next = outbox.take(false, nowMillis, 1)) {
            values.add(value(next));
        }
        return values;
    }

    private static List<Integer> kept(Outbox outbox) {
        return outbox.unacknowledged().stream()
                .map(record -> (int) record.value()[0])
                .toList();
    }

    @Test
    void recordsAreTakenInTheOrderInWhichTheyCame() throws InterruptedException {
        Outbox outbox = outbox(10_000, 100);
        running(outbox, 1);
        last(outbox, 2);
        running(outbox, 3);
        last(outbox, 4);

        assertThat(takeAll(outbox, 0)).containsExactly(1, 2, 3, 4);
        assertThat(full).isEmpty();
    }

    @Test
    void atTheBoundOfRecordsTheOldestThatMayBeDroppedGivesWay() throws InterruptedException {
        Outbox outbox = outbox(10_000, 3);
        running(outbox, 1, 2, 3);
        assertThat(full).isEmpty();
        running(outbox, 4);

        assertThat(full).containsExactly(RecordKind.RUNNING);
        assertThat(takeAll(outbox, 0)).containsExactly(2, 3, 4);
    }

    @Test
    void atTheBoundOfBytesTheOldestThatMayBeDroppedGivesWay() throws InterruptedException {
        Outbox outbox = outbox(3 * RECORD, 100);
        running(outbox, 1, 2, 3);
        assertThat(full).isEmpty();
        running(outbox, 4);
        outbox.offer(RecordKind.RUNNING, null, new byte[3 * RECORD]);

        assertThat(full)
                .as("one for the fourth, three for one that fits never, and that")
                .hasSize(5);
        assertThat(takeAll(outbox, 0)).isEmpty();
    }

    @Test
    void finalOnesDriveOutOthersAndAreRefusedOnlyWhereTheyAloneFillIt() throws InterruptedException {
        Outbox outbox = outbox(3 * RECORD, 100);
        running(outbox, 1, 2);
        last(outbox, 3, 4, 5);
        assertThat(full).containsExactly(RecordKind.RUNNING, RecordKind.RUNNING);
        last(outbox, 6);
        running(outbox, 7);

        assertThat(full.subList(2, 4)).containsExactly(RecordKind.FINAL, RecordKind.RUNNING);
        assertThat(takeAll(outbox, 0)).containsExactly(3, 4, 5);
    }

    @Test
    void theBoundOfRecordsHoldsForFinalOnesToo() {
        Outbox outbox = outbox(10_000, 2);
        last(outbox, 1, 2, 3);

        assertThat(full).containsExactly(RecordKind.FINAL);
        assertThat(kept(outbox)).containsExactly(1, 2);
    }

    @Test
    void aFinalOneIsNotLostToWhatIsBeingSent() throws InterruptedException {
        Outbox outbox = outbox(10_000, 2);
        running(outbox, 1, 2);
        take(outbox);
        take(outbox);
        last(outbox, 3);

        assertThat(full).isEmpty();
        running(outbox, 4);
        assertThat(full).containsExactly(RecordKind.RUNNING);
        assertThat(kept(outbox)).containsExactly(3);
    }

    @Test
    void acknowledgedRecordsMakeRoom() throws InterruptedException {
        Outbox outbox = outbox(10_000, 1);
        last(outbox, 1);
        outbox.acknowledged(take(outbox));
        last(outbox, 2);

        assertThat(full).isEmpty();
        assertThat(kept(outbox)).containsExactly(2);
        assertThat(outbox.awaitEmpty(1)).isFalse();
        outbox.acknowledged(take(outbox));
        assertThat(outbox.awaitEmpty(1)).isTrue();
    }

    @Test
    void aCheckpointHasWhatWaitsWhatIsOnItsWayAndWhatIsSetAside() throws InterruptedException {
        Outbox outbox = outbox(10_000, 100);
        last(outbox, 1, 2, 3, 4);
        running(outbox, 5);
        outbox.acknowledged(take(outbox));
        outbox.failedAlone(take(outbox), 500);
        take(outbox);

        assertThat(kept(outbox)).containsExactly(2, 3, 4);
        assertThat(outbox.isRelaxed()).isFalse();
    }

    @Test
    void whatFailedIsTakenAgainAtItsOldPlaceOrDropped() throws InterruptedException {
        Outbox outbox = outbox(10_000, 100);
        last(outbox, 1, 2);
        running(outbox, 3, 4);
        Entry first = take(outbox);
        Entry second = take(outbox);
        Entry third = take(outbox);
        outbox.failed(second);
        outbox.failed(first);
        outbox.failed(third);
        // Settled already.
        outbox.failed(third);
        outbox.acknowledged(third);

        assertThat(lost).containsExactly(RecordKind.RUNNING);
        assertThat(full).isEmpty();
        assertThat(takeAll(outbox, 0)).containsExactly(1, 2, 4);
    }

    @Test
    void whatWasNotSentIsGivenBackWhateverItIs() throws InterruptedException {
        Outbox outbox = outbox(10_000, 100);
        running(outbox, 1, 2);
        outbox.giveBack(take(outbox));

        assertThat(lost).isEmpty();
        assertThat(takeAll(outbox, 0)).containsExactly(1, 2);
    }

    @Test
    void whatIsRefusedByItselfHoldsUpNobodyAndComesAgainInTime() throws InterruptedException {
        Outbox outbox = outbox(10_000, 100);
        last(outbox, 1, 2);
        running(outbox, 3);
        outbox.failedAlone(take(outbox), 500);

        assertThat(takeAll(outbox, 499)).containsExactly(2, 3);
        assertThat(takeAll(outbox, 500)).containsExactly(1);
    }

    @Test
    void carefulTakingWaitsUntilNothingIsOnItsWay() throws InterruptedException {
        Outbox outbox = outbox(10_000, 100);
        last(outbox, 1, 2);
        Entry first = outbox.take(true, 0, 1_000);
        assertThat(first).isNotNull();
        assertThat(outbox.take(true, 0, 1)).isNull();
        outbox.acknowledged(first);
        assertThat(outbox.take(true, 0, 1_000)).isNotNull();
    }

    @Test
    void atMostAMegabyteIsOnItsWay() throws InterruptedException {
        Outbox outbox = outbox(10L << 20, 100);
        for (int i = 0; i < 4; i++) {
            outbox.offer(RecordKind.FINAL, null, new byte[400_000]);
        }
        assertThat(takeAll(outbox, 0)).hasSize(3);
    }

    @Test
    void aCheckpointIsRestoredWholeAndNothingIsAddedUntilThereIsRoom() throws InterruptedException {
        Outbox outbox = outbox(10_000, 2);
        outbox.restore(List.of(
                new KeptRecord(new byte[1], new byte[] {1}),
                new KeptRecord(null, new byte[] {2}),
                new KeptRecord(new byte[1], new byte[] {3})));
        last(outbox, 4);

        assertThat(full).containsExactly(RecordKind.FINAL);
        assertThat(kept(outbox)).containsExactly(1, 2, 3);
        outbox.acknowledged(take(outbox));
        outbox.acknowledged(take(outbox));
        last(outbox, 5);
        assertThat(kept(outbox)).containsExactly(3, 5);
    }

    @Test
    void limitsMustAllowSomething() {
        assertThatThrownBy(() -> new OutboxLimits(0, 1)).hasMessageContaining("0 bytes");
        assertThatThrownBy(() -> new OutboxLimits(1, 0)).hasMessageContaining("0 records");
        assertThat(OutboxLimits.SCORES.bytes()).isEqualTo(32L * 1024 * 1024);
    }
}
