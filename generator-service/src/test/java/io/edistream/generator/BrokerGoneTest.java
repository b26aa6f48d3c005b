package io.edistream.generator;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.generator.decode.AnswerExtractor;
import io.edistream.generator.decode.FakeLanguageModel;
import io.edistream.generator.decode.GenerationRequest;
import io.edistream.generator.decode.NumberWords;
import io.edistream.generator.decode.Route;
import io.edistream.generator.decode.TokenClassifier;
import io.edistream.schemas.Topics;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.GenerationHandle;
import io.edistream.sequences.MicrosClock;
import io.edistream.sequences.event.EventOptions;
import io.edistream.sequences.kafka.KafkaLink;
import io.edistream.sequences.kafka.KafkaOptions;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.edistream.sequences.metrics.Metrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A whole generator whose broker is not there. */
@Timeout(120)
class BrokerGoneTest {

    private static final int SEQUENCES = 40;
    private static final int TOKENS = 150;
    private static final Duration MAX_BLOCK = Duration.ofMillis(500);

    @Test
    void decodesOnAtItsOwnSpeedAndSaysSo() throws Exception {
        GeneratorMetrics metrics = new GeneratorMetrics(new PrometheusRegistry());
        long started = System.nanoTime();
        try (GeneratorService service = start(metrics)) {
            List<GenerationHandle> handles =
                    service.submit(GenerationRequest.of("1 2 3").withMaxNewTokens(TOKENS), SEQUENCES);
            for (GenerationHandle handle : handles) {
                assertThat(handle.completion().get(60, TimeUnit.SECONDS).reason())
                        .isEqualTo(EndReason.LENGTH);
            }
            Duration took = Duration.ofNanos(System.nanoTime() - started);
            // If every step waited for the broker, they would take more than a minute.
            assertThat(took).isLessThan(MAX_BLOCK.multipliedBy(TOKENS / 2));
            assertThat(service.commandsReady()).isNotDone();
            while (Metrics.value(metrics, "edistream_generator_records", "failed") < 1) {
                Thread.onSpinWait();
            }
            assertThat(Metrics.value(metrics, "edistream_generator_records", "dropped"))
                    .isPositive();
            assertThat(Metrics.value(metrics, "edistream_generator_tokens")).isEqualTo(SEQUENCES * TOKENS);
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("edistream") || name.startsWith("kafka-producer"));
    }

    private static GeneratorService start(GeneratorMetrics metrics) {
        KafkaOptions options = new KafkaOptions(
                // A port that nothing listens on: reserved for tcpmux, which no machine runs.
                "127.0.0.1:1", Topics.DEFAULT, "all", MAX_BLOCK, Duration.ofSeconds(1), Duration.ZERO, 8, 4, Map.of());
        KafkaLink link = KafkaLink.open(options, EventOptions.numbersOnly(), 5, metrics, MicrosClock.system());
        Route route = new Route(
                "default",
                FakeLanguageModel.endlessWithBlocks(4000),
                new NumberWords(),
                "",
                TokenClassifier.none(),
                AnswerExtractor.none());
        return GeneratorService.start(
                new GeneratorParts(
                        List.of(route), link.events(), link.commands(), link.outcomes(), metrics, MicrosClock.system()),
                GeneratorOptions.defaults());
    }
}
