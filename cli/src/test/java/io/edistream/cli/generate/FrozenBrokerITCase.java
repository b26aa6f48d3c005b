package io.edistream.cli.generate;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.embedded.EmbeddedKafka;
import io.edistream.schemas.Topics;
import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.kafka.KafkaControlInbox;
import io.edistream.sequences.kafka.KafkaOptions;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A broker whose process stands still: its connections stay, and it says nothing. */
@Timeout(180)
@EnabledOnOs({OS.LINUX, OS.MAC})
class FrozenBrokerITCase {

    private final GeneratorMetrics metrics = new GeneratorMetrics(new PrometheusRegistry());

    @Test
    void showsInTheGaugeWithinTenSecondsAndIsOverWhenTheBrokerGoesOn() throws Exception {
        Process broker = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Broker.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader said =
                        new BufferedReader(new InputStreamReader(broker.getInputStream(), StandardCharsets.UTF_8));
                KafkaControlInbox inbox =
                        KafkaControlInbox.open(KafkaOptions.of(address(said)), 5, MicrosClock.system(), metrics)) {
            inbox.start(command -> {}).get(60, TimeUnit.SECONDS);
            await(1);
            signal(broker, "-STOP");
            long stopped = System.nanoTime();
            await(0);
            assertThat(Duration.ofNanos(System.nanoTime() - stopped)).isLessThan(Duration.ofSeconds(10));
            signal(broker, "-CONT");
            await(1);
        } finally {
            broker.destroyForcibly().waitFor();
        }
    }

    private static String address(BufferedReader said) throws IOException {
        String line = said.readLine();
        while (line != null && !line.startsWith(Broker.READY)) {
            line = said.readLine();
        }
        assertThat(line).as("the broker's last line").isNotNull();
        return line.substring(Broker.READY.length());
    }

    private static void signal(Process process, String signal) throws Exception {
        assertThat(new ProcessBuilder("kill", signal, String.valueOf(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    private void await(double reachable) {
        while (metrics.registry().scrape("edistream_generator_kafka_reachable"::equals).stream()
                .flatMap(snapshot -> ((GaugeSnapshot) snapshot).getDataPoints().stream())
                .noneMatch(point -> point.getValue() == reachable)) {
            Thread.onSpinWait();
        }
    }

    /** A broker in a process of its own, until it is killed. */
    static final class Broker {

        static final String READY = "broker: ";

        private Broker() {}

        /** Needs no arguments. */
        public static void main(String[] arguments) throws InterruptedException {
            try (EmbeddedKafka kafka = EmbeddedKafka.start()) {
                kafka.createTopics(Topics.DEFAULT, 1);
                System.out.println(READY + kafka.bootstrapServers());
                Thread.currentThread().join();
            }
        }
    }
}
