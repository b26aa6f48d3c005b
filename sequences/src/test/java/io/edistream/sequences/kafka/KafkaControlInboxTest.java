package io.edistream.sequences.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.schemas.Action;
import io.edistream.schemas.Command;
import io.edistream.schemas.CommandId;
import io.edistream.schemas.CommandMode;
import io.edistream.schemas.Heartbeat;
import io.edistream.schemas.Ids;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.Sampling;
import io.edistream.schemas.ScoringId;
import io.edistream.sequences.Logged;
import io.edistream.sequences.SamplingChange;
import io.edistream.sequences.control.CommandSink;
import io.edistream.sequences.control.ControlAction;
import io.edistream.sequences.control.ControlCommand;
import io.edistream.sequences.control.ControlCommand.Arguments;
import io.edistream.sequences.control.ControlCommand.Cause;
import io.edistream.sequences.control.ControlCommand.Timing;
import io.edistream.sequences.control.ReceivedCommand;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.edistream.sequences.metrics.Metrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KafkaControlInboxTest {

    private static final String TOPIC = "edistream.control.v1";
    private static final TopicPartition FIRST = new TopicPartition(TOPIC, 0);
    private static final TopicPartition SECOND = new TopicPartition(TOPIC, 1);

    private static final TopicPartition THIRD = new TopicPartition(TOPIC, 2);

    private static final long START_MILLIS = 1_000_000;

    private final GeneratorMetrics metrics = new GeneratorMetrics(new PrometheusRegistry());
    private final AtomicLong nanos = new AtomicLong();
    private final TimedConsumer consumer = new TimedConsumer();
    private final TimedConsumer second = new TimedConsumer();
    private final LinkedBlockingQueue<ReceivedCommand> received = new LinkedBlockingQueue<>();

    @Test
    void takesTheCommandsOfItsOwnGeneratorFromAllPartitions() throws Exception {
        topicIsThere();
        try (KafkaControlInbox inbox = inbox()) {
            inbox.start(received::add).get(30, TimeUnit.SECONDS);
            assertThat(consumer.assignment()).containsExactlyInAnyOrder(FIRST, SECOND);
            add(FIRST, 100, command(Samples.GENERATOR + 1, 1));
            add(FIRST, 101, command(Samples.GENERATOR, 2));
            add(SECOND, 200, command(Samples.GENERATOR, 3));

            List<ReceivedCommand> two = List.of(next(), next());
            assertThat(two).extracting(one -> one.command().sequence()).containsExactlyInAnyOrder(2L, 3L);
            assertThat(two).extracting(ReceivedCommand::receivedAtMicros).containsOnly(START_MILLIS * 1000);
        }
        assertThat(received).isEmpty();
        assertThat(consumer.closed()).isTrue();
    }

    @Test
    void everyFieldOfACommandArrives() throws Exception {
        topicIsThere();
        try (KafkaControlInbox inbox = inbox()) {
            inbox.start(received::add).get(30, TimeUnit.SECONDS);
            add(FIRST, 100, command(Samples.GENERATOR, 2));
            assertThat(next().command())
                    .isEqualTo(new ControlCommand(
                            new UUID(0x0001020304050607L, 0x08090A0B0C0D0E0FL),
                            2,
                            ControlAction.BRANCH,
                            true,
                            new Cause("rule-1", 3, "reasoner-s", "default", "mine", "because"),
                            new Timing(9, 77, 15, 79, 250),
                            new Arguments(
                                    false,
                                    5,
                                    2,
                                    6,
                                    7,
                                    "large",
                                    true,
                                    new SamplingChange(.5f, 20, .9f, .05f, 42L, Map.of("top_h_alpha", .4)),
                                    "so",
                                    List.of(1, 2),
                                    Map.of("name", "value"))));
        }
    }

    @Test
    void skipsAndCountsWhatIsNoCommand() throws Exception {
        topicIsThere();
        try (KafkaControlInbox inbox = inbox()) {
            inbox.start(received::add).get(30, TimeUnit.SECONDS);
            consumer.addRecord(new ConsumerRecord<>(TOPIC, 0, 100, new byte[0], new byte[] {1, 2, 3}));
            consumer.addRecord(new ConsumerRecord<>(TOPIC, 0, 101, new byte[0], null));
            add(FIRST, 102, command(Samples.GENERATOR, 2));
            assertThat(next().command().sequence()).isEqualTo(2);
            assertThat(Metrics.value(metrics, "edistream_generator_unreadable_commands"))
                    .isEqualTo(2);
        }
    }

    @Test
    void heartbeatsTellWhoWatchesAndAreNoUnreadableCommands() throws Exception {
        topicIsThere();
        try (KafkaControlInbox inbox = inbox()) {
            inbox.start(received::add).get(30, TimeUnit.SECONDS);
            assertThat(heartbeatAges()).as("no made-up zero").isEmpty();
            addHeartbeat(FIRST, 100, "first");
            addHeartbeat(SECOND, 200, "second");
            add(FIRST, 101, command(Samples.GENERATOR, 2));
            add(SECOND, 201, command(Samples.GENERATOR, 3));
            next();
            next();
            nanos.addAndGet(2_500_000_000L);
            assertThat(heartbeatAges()).containsExactly(2.5);
            assertThat(Metrics.value(metrics, "edistream_generator_unreadable_commands"))
                    .isZero();
        }
    }

    /** A dead man's switch: what lasts of commands does not outlive the job that sent them. */
    @Test
    void thatNobodyWatchesIsToldToTheSink() throws Exception {
        topicIsThere();
        LinkedBlockingQueue<Boolean> silences = new LinkedBlockingQueue<>();
        try (KafkaControlInbox inbox = inbox()) {
            inbox.start(new CommandSink() {
                        @Override
                        public void accept(ReceivedCommand command) {
                            received.add(command);
                        }

                        @Override
                        public void nobodyWatches() {
                            silences.add(true);
                        }
                    })
                    .get(30, TimeUnit.SECONDS);
            addHeartbeat(FIRST, 100, "job");
            add(FIRST, 101, command(Samples.GENERATOR, 2));
            assertThat(next().command().sequence()).isEqualTo(2);
            assertThat(silences).as("somebody was just heard of").isEmpty();
            nanos.addAndGet(TimeUnit.SECONDS.toNanos(11));
            assertThat(silences.poll(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void heartbeatsOfThePastTellOfNobody() throws Exception {
        // Ends at 100 and 200; what is read before is what was written up to a minute ago.
        consumer.firstSince.put(FIRST, new OffsetAndTimestamp(99, START_MILLIS));
        consumer.firstSince.put(SECOND, new OffsetAndTimestamp(199, START_MILLIS));
        topicIsThere();
        try (KafkaControlInbox inbox = inbox()) {
            inbox.start(received::add).get(30, TimeUnit.SECONDS);
            addHeartbeat(FIRST, 99, "past");
            addHeartbeat(SECOND, 199, "past");
            add(FIRST, 100, command(Samples.GENERATOR, 2));
            add(SECOND, 200, command(Samples.GENERATOR, 3));
            next();
            next();
            assertThat(heartbeatAges()).isEmpty();
        }
    }

    @Test
    void aDamagedHeartbeatIsCounted() throws Exception {
        topicIsThere();
        try (KafkaControlInbox inbox = inbox()) {
            inbox.start(received::add).get(30, TimeUnit.SECONDS);
            byte[] whole = RecordCodec.of(Heartbeat.class).encode(heartbeat("first"));
            consumer.addRecord(
                    new ConsumerRecord<>(TOPIC, 0, 100, new byte[0], Arrays.copyOf(whole, whole.length - 1)));
            add(FIRST, 101, command(Samples.GENERATOR, 2));
            next();
            assertThat(heartbeatAges()).isEmpty();
            assertThat(Metrics.value(metrics, "edistream_generator_unreadable_commands"))
                    .isEqualTo(1);
        }
    }

    @Test
    void waitsForATopicThatIsNotThereYet() throws Exception {
        try (KafkaControlInbox inbox = inbox()) {
            CompletableFuture<Void> ready = inbox.start(received::add);
            while (Metrics.value(metrics, "edistream_generator_kafka_reachable", TOPIC) != 0 || !triedOnce()) {
                Thread.onSpinWait();
            }
            assertThat(ready).isNotDone();
            topicIsThere();
            ready.get(30, TimeUnit.SECONDS);
            add(FIRST, 100, command(Samples.GENERATOR, 2));
            assertThat(next().command().sequence()).isEqualTo(2);
        }
    }

    @Test
    void commandsFromBeforeTheBrokerWasReachedAreNotMissed() throws Exception {
        try (KafkaControlInbox inbox = inbox()) {
            CompletableFuture<Void> ready = inbox.start(received::add);
            while (!triedOnce()) {
                Thread.onSpinWait();
            }
            // While it could not get through: one record that is older than the inbox, then two for it.
            consumer.firstSince.put(FIRST, new OffsetAndTimestamp(101, START_MILLIS));
            topicIsThere();
            ready.get(30, TimeUnit.SECONDS);
            add(FIRST, 100, command(Samples.GENERATOR, 1));
            add(FIRST, 101, command(Samples.GENERATOR, 2));
            add(FIRST, 102, command(Samples.GENERATOR, 3));
            add(SECOND, 200, command(Samples.GENERATOR, 4));
            assertThat(List.of(next(), next(), next()))
                    .extracting(one -> one.command().sequence())
                    .containsExactlyInAnyOrder(2L, 3L, 4L);
        }
        assertThat(consumer.asked.values()).containsOnly(START_MILLIS - KafkaControlInbox.CLOCK_SKEW_MILLIS);
    }

    @Test
    void goesOnAfterAFailedPoll() throws Exception {
        topicIsThere();
        try (KafkaControlInbox inbox = inbox()) {
            inbox.start(received::add).get(30, TimeUnit.SECONDS);
            consumer.setPollException(new KafkaException("told to"));
            add(FIRST, 100, command(Samples.GENERATOR, 2));
            assertThat(next().command().sequence()).isEqualTo(2);
        }
    }

    @Test
    void afterAFaultANewConsumerGoesOnWhereTheLastOneWas() throws Exception {
        topicIsThere();
        second.updateEndOffsets(Map.of(FIRST, 150L, SECOND, 250L));
        second.updatePartitions(TOPIC, List.of(partition(0), partition(1)));
        try (KafkaControlInbox inbox = inbox();
                Logged log = Logged.by(KafkaControlInbox.class);
                Logged outages = Logged.by(Reachability.class)) {
            inbox.start(received::add).get(30, TimeUnit.SECONDS);
            add(FIRST, 100, command(Samples.GENERATOR, 2));
            assertThat(next().command().sequence()).isEqualTo(2);
            consumer.fault = new IllegalStateException("a fault for the test");
            while (second.assignment().isEmpty()) {
                Thread.onSpinWait();
            }
            assertThat(consumer.closed()).isTrue();
            // Written while nobody read: not to be missed, and neither is what is new.
            add(second, FIRST, 101, command(Samples.GENERATOR, 3));
            add(second, SECOND, 200, command(Samples.GENERATOR, 4));
            assertThat(List.of(next(), next()))
                    .extracting(one -> one.command().sequence())
                    .containsExactlyInAnyOrder(3L, 4L);
            assertThat(log.lines()).anyMatch(line -> line.contains("a fault while commands were read"));
            assertThat(outages.lines()).anyMatch(line -> line.contains("IllegalStateException: a fault for the test"));
            while (reachable() != 1) {
                Thread.onSpinWait();
            }
        }
        assertThat(second.closed()).isTrue();
    }

    @Test
    void anErrorIsSurvivedAsWell() throws Exception {
        topicIsThere();
        second.updateEndOffsets(Map.of(FIRST, 150L, SECOND, 250L));
        try (KafkaControlInbox inbox = inbox()) {
            inbox.start(received::add).get(30, TimeUnit.SECONDS);
            consumer.fault = new StackOverflowError("on purpose");
            while (reachable() != 0) {
                Thread.onSpinWait();
            }
            second.updatePartitions(TOPIC, List.of(partition(0), partition(1)));
            while (reachable() != 1) {
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void aCommandThatFailsCostsNoOther() throws Exception {
        topicIsThere();
        try (KafkaControlInbox inbox = inbox()) {
            inbox.start(command -> {
                        if (command.command().sequence() == 13) {
                            throw new IllegalStateException("faulty on purpose");
                        }
                        received.add(command);
                    })
                    .get(30, TimeUnit.SECONDS);
            add(FIRST, 100, command(Samples.GENERATOR, 13));
            add(FIRST, 101, command(Samples.GENERATOR, 14));
            assertThat(next().command().sequence()).isEqualTo(14);
        }
        assertThat(Metrics.value(metrics, "edistream_generator_unreadable_commands"))
                .isEqualTo(1);
        assertThat(consumer.closed()).isTrue();
    }

    @Test
    void aCommandOfTooManyBytesIsSkippedAndAFloodOfThemIsAFewLines() throws Exception {
        topicIsThere();
        Command large = command(Samples.GENERATOR, 1);
        large.setForcedText("f".repeat(ControlRecords.MAX_COMMAND_BYTES));
        try (KafkaControlInbox inbox = inbox();
                Logged log = Logged.by(ControlRecords.class)) {
            inbox.start(received::add).get(30, TimeUnit.SECONDS);
            for (int offset = 100; offset < 1_100; offset++) {
                add(FIRST, offset, large);
            }
            add(FIRST, 1_100, command(Samples.GENERATOR, 2));
            assertThat(next().command().sequence()).isEqualTo(2);
            assertThat(Metrics.value(metrics, "edistream_generator_unreadable_commands"))
                    .isEqualTo(1_000);
            // 1, 2, 4, ..., 512.
            assertThat(log.lines()).hasSize(10);
        }
    }

    @Test
    void aFrozenBrokerShowsInTheGaugeWithinTenSeconds() throws Exception {
        consumer.answers.set(1);
        topicIsThere();
        try (KafkaControlInbox inbox = inbox();
                Logged log = Logged.by(Reachability.class)) {
            inbox.start(received::add).get(30, TimeUnit.SECONDS);
            for (int second = 0; second < 60; second++) {
                consumer.answers.incrementAndGet();
                nanos.addAndGet(1_000_000_000L);
                consumer.awaitPolls();
            }
            assertThat(reachable()).isEqualTo(1);
            nanos.addAndGet(5_000_000_000L);
            // The gauge comes first, the line after it.
            while (reachable() != 0 || log.lines().isEmpty()) {
                Thread.onSpinWait();
            }
            assertThat(log.lines()).anyMatch(line -> line.contains("broker 3 has not answered for 5 s"));
            consumer.answers.incrementAndGet();
            while (reachable() != 1) {
                Thread.onSpinWait();
            }
        }
    }

    private double reachable() {
        return Metrics.value(metrics, "edistream_generator_kafka_reachable", TOPIC);
    }

    @Test
    void readsPartitionsThatAreAddedLaterFromTheirBeginning() throws Exception {
        topicIsThere();
        try (KafkaControlInbox inbox = inbox()) {
            inbox.start(received::add).get(30, TimeUnit.SECONDS);
            add(FIRST, 100, command(Samples.GENERATOR, 2));
            assertThat(next().command().sequence()).isEqualTo(2);

            consumer.updateBeginningOffsets(Map.of(THIRD, 0L));
            consumer.updatePartitions(TOPIC, List.of(partition(0), partition(1), partition(2)));
            while (!consumer.assignment().contains(THIRD)) {
                Thread.onSpinWait();
            }
            add(THIRD, 0, command(Samples.GENERATOR, 3));
            add(FIRST, 101, command(Samples.GENERATOR, 4));
            assertThat(List.of(next(), next()))
                    .extracting(one -> one.command().sequence())
                    .containsExactlyInAnyOrder(3L, 4L);
        }
    }

    @Test
    void closesWithoutABroker() {
        KafkaControlInbox inbox = KafkaControlInbox.open(Samples.options(1, 1), Samples.GENERATOR, () -> 1234, metrics);
        CompletableFuture<Void> ready = inbox.start(received::add);
        inbox.close();
        assertThat(ready).isCancelled();
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .doesNotContain("edistream-control-inbox");
    }

    @Test
    void closesWithoutHavingBeenStarted() {
        inbox().close();
        assertThat(consumer.closed()).isTrue();
    }

    /** Knows which record is the first one since a time; the mock does not. */
    private static final class TimedConsumer extends MockConsumer<byte[], byte[]> {

        final Map<TopicPartition, OffsetAndTimestamp> firstSince = new ConcurrentHashMap<>();
        final Map<TopicPartition, Long> asked = new ConcurrentHashMap<>();

        volatile Throwable fault;
        final AtomicLong answers = new AtomicLong();
        private final AtomicLong polls = new AtomicLong();

        TimedConsumer() {
            super("latest");
        }

        /** Waits until all that the inbox does after a poll was done since now. */
        void awaitPolls() {
            long enough = polls.get() + 2;
            while (polls.get() < enough) {
                Thread.onSpinWait();
            }
        }

        @Override
        public synchronized ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
            polls.incrementAndGet();
            Throwable thrown = fault;
            fault = null;
            if (thrown instanceof Error error) {
                throw error;
            }
            if (thrown instanceof RuntimeException exception) {
                throw exception;
            }
            return super.poll(timeout);
        }

        @Override
        public synchronized Map<MetricName, ? extends Metric> metrics() {
            if (answers.get() == 0) {
                return super.metrics();
            }
            MetricName name =
                    new MetricName("response-total", "consumer-node-metrics", "", Map.of("node-id", "node-3"));
            return Map.of(name, new Metric() {
                @Override
                public MetricName metricName() {
                    return name;
                }

                @Override
                public Object metricValue() {
                    return (double) answers.get();
                }
            });
        }

        @Override
        public synchronized Map<TopicPartition, OffsetAndTimestamp> offsetsForTimes(
                Map<TopicPartition, Long> times, Duration timeout) {
            asked.putAll(times);
            // As Kafka does, with a null where there is no such record.
            Map<TopicPartition, OffsetAndTimestamp> answer = new HashMap<>();
            times.keySet().forEach(partition -> answer.put(partition, firstSince.get(partition)));
            return answer;
        }
    }

    private boolean triedOnce() {
        return metrics.registry().scrape("edistream_generator_kafka_reachable"::equals).stream()
                .anyMatch(snapshot -> !snapshot.getDataPoints().isEmpty());
    }

    private KafkaControlInbox inbox() {
        Iterator<TimedConsumer> consumers = List.of(consumer, second).iterator();
        return new KafkaControlInbox(
                consumers::next, TOPIC, Samples.GENERATOR, () -> START_MILLIS * 1000, metrics, nanos::get);
    }

    private void topicIsThere() {
        consumer.updateEndOffsets(Map.of(FIRST, 100L, SECOND, 200L));
        consumer.updatePartitions(TOPIC, List.of(partition(0), partition(1)));
    }

    private static PartitionInfo partition(int number) {
        return new PartitionInfo(TOPIC, number, new Node(3, "127.0.0.1", 1), new Node[0], new Node[0]);
    }

    private void add(TopicPartition partition, long offset, Command command) {
        add(consumer, partition, offset, command);
    }

    private static void add(TimedConsumer to, TopicPartition partition, long offset, Command command) {
        byte[] value = RecordCodec.of(Command.class).encode(command);
        to.addRecord(new ConsumerRecord<>(TOPIC, partition.partition(), offset, new byte[0], value));
    }

    private void addHeartbeat(TopicPartition partition, long offset, String job) {
        byte[] value = RecordCodec.of(Heartbeat.class).encode(heartbeat(job));
        consumer.addRecord(new ConsumerRecord<>(TOPIC, partition.partition(), offset, null, value));
    }

    private static Heartbeat heartbeat(String job) {
        return Heartbeat.newBuilder()
                .setJobId("id")
                .setJobName(job)
                .setTask(0)
                .setTasks(1)
                .setSentAtMicros(5)
                .setScoring(new ScoringId(new byte[8]))
                .build();
    }

    private List<Double> heartbeatAges() {
        return metrics.registry().scrape("edistream_generator_job_heartbeat_age_seconds"::equals).stream()
                .flatMap(snapshot -> ((GaugeSnapshot) snapshot).getDataPoints().stream())
                .map(GaugeSnapshot.GaugeDataPointSnapshot::getValue)
                .toList();
    }

    private ReceivedCommand next() throws InterruptedException {
        ReceivedCommand next = received.poll(30, TimeUnit.SECONDS);
        assertThat(next).isNotNull();
        return next;
    }

    private static Command command(long generator, long sequence) {
        byte[] id = new byte[Ids.COMMAND_BYTES];
        for (int i = 0; i < id.length; i++) {
            id[i] = (byte) i;
        }
        return Command.newBuilder()
                .setCommandId(new CommandId(id))
                .setSequence(Ids.sequenceId(generator, sequence))
                .setAction(Action.BRANCH)
                .setMode(CommandMode.ARMED)
                .setRule("rule-1")
                .setRevision(3)
                .setModel("reasoner-s")
                .setRoute("default")
                .setRequest("mine")
                .setSentAtToken(15)
                .setSentTokenAtMicros(79)
                .setTimeToLiveMillis(250)
                .setSamples(7)
                .setTargetRoute("large")
                .setFromPrompt(true)
                .setSampling(new Sampling(.5f, 20, .9f, .05f, 42L, Map.of("top_h_alpha", .4)))
                .setForcedText("so")
                .setForcedIds(List.of(1, 2))
                .setParameters(Map.of("name", "value"))
                .setDecidedAtToken(9)
                .setDecodedAtMicros(77)
                .setReason("because")
                .setBranchAtToken(5)
                .setBranchWidth(2)
                .setMaxLeaves(6)
                .setSpareLast(false)
                .build();
    }
}
