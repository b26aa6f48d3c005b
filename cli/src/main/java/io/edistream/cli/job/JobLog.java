package io.edistream.cli.job;

import io.edistream.cli.StatusScreen;
import io.edistream.jobs.KafkaOptions;
import io.edistream.schemas.Command;
import io.edistream.schemas.RecordCodec;
import io.edistream.schemas.RecordLimits;
import io.edistream.schemas.UnreadableRecordException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Says what the job does, on a thread of its own that nothing waits for: its numbers, the commands as they stand on their
 * topic, what got lost, and brokers that are gone and back.
 */
final class JobLog implements AutoCloseable {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final double NANOS_PER_SECOND = 1e9;

    private final KafkaOptions kafka;
    private final JobNumbers numbers;
    private final StatusScreen screen;
    private final JobHealth health;
    private final CommandLog commands;
    private final RecordCodec<Command> codec = RecordCodec.of(Command.class);
    private final Outage outage = new Outage();
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Thread thread = new Thread(this::log, "job-log");

    private @Nullable StatusLine earlier;
    private long earlierNanos;
    private @Nullable Long shownNanos;
    private boolean busy;
    private String trouble = "";
    private volatile boolean closing;

    JobLog(KafkaOptions kafka, JobNumbers numbers, StatusScreen screen, JobHealth health) {
        this.kafka = kafka;
        this.numbers = numbers;
        this.screen = screen;
        this.health = health;
        this.commands = new CommandLog(screen);
        this.consumer = consumer(kafka);
    }

    private static KafkaConsumer<byte[], byte[]> consumer(KafkaOptions kafka) {
        Map<String, Object> settings = new HashMap<>(kafka.properties());
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
        settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
        settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, RecordLimits.MAX_POLL_RECORDS);
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    void start() {
        thread.setDaemon(true);
        thread.start();
    }

    /** Whatever Kafka's trouble is, it is waited for: nobody else asks whether the brokers answer. */
    private void log() {
        try (consumer) {
            while (!closing) {
                try {
                    follow();
                } catch (KafkaException e) {
                    if (e instanceof WakeupException || e instanceof InterruptException) {
                        return;
                    }
                    health.onKafka(false);
                    trouble(String.valueOf(e.getMessage()));
                    LockSupport.parkNanos(PERIOD_NANOS);
                }
            }
        }
    }

    private void follow() {
        List<TopicPartition> partitions = consumer.partitionsFor(kafka.topics().control()).stream()
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList();
        if (consumer.assignment().isEmpty()) {
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            consumer.assign(partitions);
            ends.forEach(consumer::seek);
        }
        long periodNanos = System.nanoTime();
        while (!closing) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                onControl(record.value());
            }
            long now = System.nanoTime();
            if (now - periodNanos >= PERIOD_NANOS) {
                periodNanos = now;
                commands.onPeriodEnd();
                boolean answered = answers(partitions);
                health.onKafka(answered);
                outage.onQuestion(answered, System.nanoTime()).ifPresent(screen::say);
                trouble = "";
                show(now);
            }
        }
    }

    private void trouble(String what) {
        if (!what.equals(trouble)) {
            screen.say("commands are not shown: " + what);
            trouble = what;
        }
    }

    private void onControl(byte @Nullable [] value) {
        if (value == null || !codec.claims(value)) {
            return;
        }
        try {
            commands.onCommand(codec.decode(value));
        } catch (UnreadableRecordException e) {
            // Sources say what they cannot read.
        }
    }

    private boolean answers(List<TopicPartition> partitions) {
        try {
            return consumer.endOffsets(partitions, PATIENCE).size() == partitions.size();
        } catch (TimeoutException e) {
            return false;
        }
    }

    private void show(long now) {
        StatusLine line = StatusLine.of(numbers);
        StatusLine before = earlier;
        String text = line.text(before, (now - earlierNanos) / NANOS_PER_SECOND);
        boolean nowBusy =
                before != null && line.tokens().orElse(0) > before.tokens().orElse(0);
        if (before != null) {
            String losses = line.losses(before);
            if (!losses.isEmpty()) {
                screen.say("lost: " + losses);
            }
        }
        Long shown = shownNanos;
        if (screen.isTerminal() || shown == null || nowBusy != busy || now - shown >= MINUTE_NANOS) {
            screen.show(text);
            shownNanos = now;
        }
        busy = nowBusy;
        earlier = line;
        earlierNanos = now;
    }

    @Override
    public void close() {
        closing = true;
        consumer.wakeup();
        screen.end();
    }
}
