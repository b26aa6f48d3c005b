package io.edistream.sequences.kafka;

import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.control.CommandSink;
import io.edistream.sequences.control.ControlInbox;
import io.edistream.sequences.control.JobWatch;
import io.edistream.sequences.metrics.GeneratorMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the control topic, all partitions, and takes out the commands for one generator. No consumer group: a generator
 * that starts anew is another one, and nobody else can take over its sequences. For the same reason nothing that was
 * written before the inbox was started can be for it, so that it reads from that time on, however late it gets through to
 * a broker.
 *
 * <p>The topic also brings the heartbeats of jobs, which tell that somebody watches. Those that were there before the
 * inbox got through to the broker tell of the past and do not count.
 *
 * <p>Whatever goes wrong, it goes on: Kafka's own troubles are waited for, a record that cannot be handled is skipped, and
 * after any other fault a new consumer goes on where the last one was. A broker that says nothing any more counts as one
 * that cannot be reached.
 *
 * <p>Partitions that are added to the topic later are read from their beginning, since a generator's commands may go to
 * another partition from then on. They are found when the consumer's metadata are refreshed, every ten seconds.
 */
public final class KafkaControlInbox implements ControlInbox {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaControlInbox.class);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration POLL_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);
    private static final long RETRY_MILLIS = 500;

    /** How far the clocks of those who write commands may be behind. Costs reading others' commands of that time. */
    static final long CLOCK_SKEW_MILLIS = 60_000;

    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final String topic;
    private final long generator;
    private final MicrosClock clock;
    private final GeneratorMetrics metrics;
    private final JobWatch watch;
    private final BrokerSilence silence;
    private final Reachability reachability;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private ControlRecords records;
    private long startedAtMillis;
    /** Ends of the partitions when they were first reached. */
    private Map<TopicPartition, Long> pastEnds = Map.of();

    /** Where to go on in each partition. */
    private final Map<TopicPartition, Long> positions = new HashMap<>();

    private volatile Consumer<byte[], byte[]> consumer;
    private boolean seeked;

    /**
     * Connects to Kafka; a broker that is not there is no error.
     *
     * @param generator the id of the generator whose commands are taken
     */
    public static KafkaControlInbox open(
            KafkaOptions options, long generator, MicrosClock clock, GeneratorMetrics metrics) {
        String client = "edistream-control-" + Long.toHexString(generator);
        return new KafkaControlInbox(
                () -> KafkaClients.consumer(options, client),
                options.topics().control(),
                generator,
                clock,
                metrics,
                System::nanoTime);
    }

    KafkaControlInbox(
            Supplier<Consumer<byte[], byte[]>> consumers,
            String topic,
            long generator,
            MicrosClock clock,
            GeneratorMetrics metrics,
            LongSupplier nanoClock) {
        this.consumers = consumers;
        this.consumer = consumers.get();
        this.topic = topic;
        this.generator = generator;
        this.clock = clock;
        this.metrics = metrics;
        this.watch = new JobWatch(nanoClock);
        this.silence = new BrokerSilence(nanoClock);
        this.reachability =
                new Reachability(topic, "no commands can arrive", "commands can arrive", metrics, nanoClock);
        this.records = new ControlRecords(generator, clock, metrics, watch, command -> {});
        metrics.heartbeatAge(watch::secondsSinceLast);
        this.thread = new Thread(this::run, "edistream-control-inbox");
        thread.setDaemon(true);
    }

    @Override
    public CompletableFuture<Void> start(CommandSink newSink) {
        records = new ControlRecords(generator, clock, metrics, watch, newSink);
        startedAtMillis = TimeUnit.MICROSECONDS.toMillis(clock.micros());
        thread.start();
        return ready;
    }

    @Override
    public void close() {
        closed.countDown();
        if (thread.getState() == Thread.State.NEW) {
            consumer.close(CloseOptions.timeout(CLOSE_TIMEOUT));
        } else {
            stopThread();
        }
        ready.cancel(false);
    }

    private void stopThread() {
        consumer.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!isClosed()) {
                attempt();
                if (watch.check()) {
                    records.nobodyWatches();
                }
            }
        } finally {
            closeConsumer();
        }
    }

    /** Whatever the trouble is, the generator goes on without commands until it is over. */
    private void attempt() {
        try {
            if (seeked) {
                poll();
            } else {
                seekToStart();
            }
            Optional<String> silent = silence.of(leaders(), consumer.metrics());
            silent.ifPresentOrElse(reachability::lost, reachability::through);
        } catch (WakeupException e) {
            LOG.debug("Control inbox woken up to be closed");
        } catch (KafkaException e) {
            reachability.lost(e.toString());
            pause();
        } catch (RuntimeException | Error e) {
            // There is no other thread that reads commands, and it knows of no fault that another try would make worse.
            LOG.error("Topic {}: a fault while commands were read; they are read anew", topic, e);
            reachability.lost(e.toString());
            pause();
            reopen();
        }
    }

    private void reopen() {
        closeConsumer();
        seeked = false;
        try {
            consumer = consumers.get();
        } catch (RuntimeException | Error e) {
            // The closed consumer makes the next attempt fail, which comes here again.
            LOG.error("Topic {}: no new consumer", topic, e);
        }
    }

    private void closeConsumer() {
        try {
            consumer.close(CloseOptions.timeout(CLOSE_TIMEOUT));
        } catch (RuntimeException e) {
            LOG.warn("Topic {}: a consumer did not close", topic, e);
        }
    }

    private Set<Integer> leaders() {
        return consumer.partitionsFor(topic, ANSWER_TIMEOUT).stream()
                .map(PartitionInfo::leader)
                .filter(leader -> leader != null && !leader.isEmpty())
                .map(Node::id)
                .collect(Collectors.toSet());
    }

    private void seekToStart() {
        List<TopicPartition> partitions = consumer.partitionsFor(topic, ANSWER_TIMEOUT).stream()
                .map(KafkaControlInbox::partition)
                .toList();
        if (partitions.isEmpty()) {
            throw new KafkaException("topic " + topic + " has no partitions");
        }
        consumer.assign(partitions);
        // The ends come first: what is written after this question must not be taken for something old.
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, ANSWER_TIMEOUT);
        Map<TopicPartition, OffsetAndTimestamp> newer =
                consumer.offsetsForTimes(sinceStart(partitions), ANSWER_TIMEOUT);
        for (TopicPartition partition : partitions) {
            OffsetAndTimestamp first = newer.get(partition);
            long start = first == null ? ends.get(partition) : first.offset();
            consumer.seek(partition, positions.computeIfAbsent(partition, none -> start));
        }
        if (!ready.isDone()) {
            pastEnds = ends;
            ready.complete(null);
        }
        seeked = true;
    }

    private Map<TopicPartition, Long> sinceStart(List<TopicPartition> partitions) {
        long since = Math.max(0, startedAtMillis - CLOCK_SKEW_MILLIS);
        return partitions.stream().collect(Collectors.toMap(partition -> partition, partition -> since));
    }

    private void poll() {
        assignNewPartitions();
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL_TIMEOUT)) {
            // Before it is handled: what cannot be handled is not read again.
            TopicPartition partition = new TopicPartition(record.topic(), record.partition());
            positions.put(partition, record.offset() + 1);
            records.receive(record, record.offset() < pastEnds.getOrDefault(partition, 0L));
        }
    }

    /** Asks the consumer's metadata, which are there without a request. */
    private void assignNewPartitions() {
        Set<TopicPartition> assigned = consumer.assignment();
        List<TopicPartition> added = consumer.partitionsFor(topic, ANSWER_TIMEOUT).stream()
                .map(KafkaControlInbox::partition)
                .filter(partition -> !assigned.contains(partition))
                .toList();
        if (!added.isEmpty()) {
            LOG.info("Topic {} has new partitions: {}", topic, added);
            List<TopicPartition> all = new ArrayList<>(assigned);
            all.addAll(added);
            consumer.assign(all);
            consumer.seekToBeginning(added);
            added.forEach(partition -> positions.put(partition, 0L));
        }
    }

    private void pause() {
        try {
            boolean unused = closed.await(RETRY_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            // Nobody else knows this thread; whoever stops it does so through close().
            LOG.debug("Control inbox interrupted");
        }
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    private static TopicPartition partition(PartitionInfo info) {
        return new TopicPartition(info.topic(), info.partition());
    }
}
