package io.edistream.cli.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.cli.Style;
import io.edistream.console.topics.Beginning;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.TokenEntropyBatch;
import io.edistream.schemas.Topics;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

class TopicWatchTest {

    private static final long SECOND = 1_000_000_000;
    private static final TopicPartition PARTITION = new TopicPartition(Topics.DEFAULT.tokenEntropy(), 0);
    private static final RecordCodec<TokenEntropyBatch> CODEC = RecordCodec.of(TokenEntropyBatch.class);

    private final List<String> notices = new ArrayList<>();
    private final StringWriter out = new StringWriter();
    private final WatchScreen screen =
            new WatchScreen(new PrintWriter(out), false, 80, 24, new WatchLines(80, new Style(false), false), 0);
    private final LiveState state = new LiveState(100, Wanted.ALL, false, screen);
    private final Broker broker = new Broker();
    private long now;
    private int rounds;

    @Test
    void whoIsTooFarBehindGoesOnAtTheEndAndSaysHowMuchIsLeftOut() {
        // The first record is read; then 500 come, of which the reader gets none for longer than it may be behind.
        broker.updateEndOffsets(Map.of(PARTITION, 0L));
        watch(Beginning.LATEST, 6, round -> {
            now += SECOND;
            if (round == 0) {
                add(0, CODEC.encode(LiveRecords.decoded(1, 0, 0, 2, "")));
                broker.updateEndOffsets(Map.of(PARTITION, 1L));
            } else if (round == 1) {
                broker.updateEndOffsets(Map.of(PARTITION, 501L));
            }
        });
        assertThat(state.totals().leftOutRecords()).isEqualTo(500);
        assertThat(broker.position(PARTITION)).isEqualTo(501);
        assertThat(notices)
                .containsExactly(
                        "left out 500 records, to go on with those of now: this reader was more than 3 s behind");
        assertThat(state.totals().summary(0)).endsWith(" | left out 500 records");
        assertThat(state.totals().tokens()).isEqualTo(2);
    }

    @Test
    void whatWasThereAtTheStartIsNotLeftOut() {
        broker.updateBeginningOffsets(Map.of(PARTITION, 0L));
        broker.updateEndOffsets(Map.of(PARTITION, 500L));
        watch(Beginning.EARLIEST, 20, round -> now += SECOND);

        assertThat(state.totals().leftOutRecords()).isZero();
        assertThat(broker.position(PARTITION)).isZero();
    }

    @Test
    void aRecordThatCannotBeReadIsCounted() {
        broker.updateEndOffsets(Map.of(PARTITION, 0L));
        watch(Beginning.LATEST, 3, round -> {
            if (round == 0) {
                add(0, new byte[] {1, 2, 3});
                add(1, CODEC.encode(LiveRecords.decoded(1, 0, 0, 2, "")));
            }
        });
        assertThat(state.totals().losses()).isEqualTo(" | 1 records unreadable");
        assertThat(state.totals().tokens()).isEqualTo(2);
    }

    @Test
    void aBrokerThatIsGoneAndBackIsSaidOnce() {
        broker.updateEndOffsets(Map.of(PARTITION, 0L));
        watch(Beginning.LATEST, 30, round -> {
            now += SECOND;
            broker.gone = round >= 5 && round < 20;
        });
        assertThat(notices).hasSize(2);
        assertThat(notices.get(0)).startsWith("Kafka does not answer");
        assertThat(notices.get(1)).matches("Kafka answers again, after 1[0-9] s");
    }

    private interface Round {
        void before(int round);
    }

    private void watch(Beginning from, int times, Round each) {
        new TopicWatch(broker, Topics.DEFAULT, List.of(PARTITION), state, screen, notices::add, () -> now)
                .run(from, () -> {
                    if (rounds == times) {
                        return false;
                    }
                    each.before(rounds++);
                    return true;
                });
    }

    private void add(long offset, byte[] value) {
        broker.addRecord(new ConsumerRecord<>(PARTITION.topic(), 0, offset, new byte[8], value));
    }

    /** A broker that can be gone. */
    private static final class Broker extends MockConsumer<byte[], byte[]> {

        private boolean gone;

        Broker() {
            super("earliest");
        }

        @Override
        public Map<TopicPartition, Long> endOffsets(Collection<TopicPartition> partitions, Duration timeout) {
            if (gone) {
                throw new TimeoutException("gone");
            }
            return endOffsets(partitions);
        }
    }
}
