package io.edistream.jobs.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.jobs.Batches;
import io.edistream.schemas.Command;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.RejectReason;
import io.edistream.schemas.Rejected;
import io.edistream.schemas.Score;
import io.edistream.schemas.SequenceFinish;
import io.edistream.schemas.SequenceStart;
import io.edistream.schemas.Spike;
import io.edistream.schemas.TokenEntropyBatch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is kept of very many starts. */
class WatcherLoadTest {

    private static final RecordCodec<TokenEntropyBatch> CODEC = RecordCodec.of(TokenEntropyBatch.class);
    private static final int STARTS_PER_RECORD = 1_000;
    private static final int LIVE = 500;
    private static final int SOURCES = 800;

    private final Tally counts = new Tally();
    private final MapStore store = new MapStore(false);
    private final CountingOutput output = new CountingOutput();
    private final Watcher watcher = new Watcher(
            WatchSettings.DEFAULT.withBounds(LIVE, 100_000, SOURCES), new Records("token-entropy"), counts, 0);

    private final TokenEntropyBatch batch = Batches.batch(0).build();
    private long record;

    private void feed(long generator) {
        batch.setGenerator(Ids.generatorId(generator));
        batch.setRecordNumber(record);
        batch.setDecodedAtMicros(record * 1_000);
        watcher.onRecord(
                generator, new Origin(0, record), CODEC.encode(batch), record / 100, store.of(generator), output);
        record++;
    }

    @Test
    void tenMillionStartsOfOneSourceLeaveAWindowAndTheSequencesThatMayBeLive() {
        List<SequenceStart> starts = starts(STARTS_PER_RECORD);
        batch.setStarts(starts);
        for (int i = 0; i < 10_000; i++) {
            long first = (long) i * STARTS_PER_RECORD;
            for (int j = 0; j < STARTS_PER_RECORD; j++) {
                starts.get(j).setSequence(first + j);
            }
            feed(1);
        }
        assertThat(counts.started).isEqualTo(LIVE);
        assertThat(counts.rejected).containsEntry(RejectReason.LIVE_LIMIT, 10_000_000L - LIVE);
        assertThat(store.live()).isEqualTo(watcher.live()).isEqualTo(LIVE);
        assertThat(store.generators.get(1L).starts().memoryBytes()).isLessThanOrEqualTo(8_200);
        assertThat(output.rejected).isLessThanOrEqualTo(2 * Rejections.TOLD_PER_MINUTE + 1);
        assertThat(store.timers.get(1L)).hasSize(1);
    }

    @Test
    void sequencesThatComeAndGoLeaveNothing() {
        List<SequenceStart> starts = starts(LIVE);
        List<SequenceFinish> finishes = starts.stream()
                .map(start ->
                        Batches.batch(0).finish(0, 0).build().getFinishes().get(0))
                .toList();
        batch.setStarts(starts);
        batch.setFinishes(finishes);
        for (int i = 0; i < 2_000; i++) {
            for (int j = 0; j < LIVE; j++) {
                starts.get(j).setSequence((long) i * LIVE + j);
                finishes.get(j).setSequence((long) i * LIVE + j);
            }
            feed(1);
        }
        assertThat(counts.finished).isEqualTo(1_000_000);
        assertThat(output.scores).isEqualTo(1_000_000);
        assertThat(counts.rejected).isEmpty();
        assertThat(store.live()).isEqualTo(watcher.live()).isZero();
    }

    @Test
    void aMillionStartsOverMoreSourcesThanOneTaskRemembersStayWithinTheBounds() {
        int sources = 1_000;
        List<SequenceStart> starts = starts(STARTS_PER_RECORD);
        batch.setStarts(starts);
        for (int j = 0; j < STARTS_PER_RECORD; j++) {
            starts.get(j).setSequence(j);
        }
        for (int generator = 1; generator <= sources; generator++) {
            feed(generator);
        }
        assertThat(store.generators).hasSize(SOURCES);
        assertThat(watcher.generators()).isEqualTo(SOURCES);
        // 800 sources might have 500 each: the bound of the task is below.
        assertThat(store.live()).isEqualTo(watcher.live()).isEqualTo(100_000);
        assertThat(counts.rejected)
                .containsOnlyKeys(RejectReason.LIVE_LIMIT, RejectReason.GENERATOR_LIMIT)
                .containsEntry(RejectReason.GENERATOR_LIMIT, (sources - SOURCES) * (long) STARTS_PER_RECORD);
        assertThat(counts.started + counts.rejected()).isEqualTo(1_000_000);
        assertThat(output.rejected).isLessThanOrEqualTo(sources * (long) Rejections.TOLD_PER_MINUTE);
    }

    private static List<SequenceStart> starts(int count) {
        List<SequenceStart> starts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SequenceStart start = Batches.newStart(i);
            start.setTokenClasses(List.of());
            starts.add(start);
        }
        return starts;
    }

    private static final class CountingOutput implements Output {
        private long scores;
        private long rejected;

        @Override
        public void command(Command command) {
            throw new AssertionError("there is no rule");
        }

        @Override
        public void score(Score score) {
            scores++;
        }

        @Override
        public void spike(Spike spike) {
            throw new AssertionError("there is no token");
        }

        @Override
        public void rejected(Rejected record) {
            rejected++;
        }
    }
}
