package io.edistream.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edistream.generator.decode.DecodeOptions;
import io.edistream.generator.decode.GenerationRequest;
import io.edistream.generator.decode.ModelInfo;
import io.edistream.generator.torch.TorchOptions;
import io.edistream.schemas.Topics;
import io.edistream.sequences.Sampling;
import io.edistream.sequences.control.ControlOptions;
import io.edistream.sequences.event.EntropyKind;
import io.edistream.sequences.event.EntropyKind.Distribution;
import io.edistream.sequences.event.EntropyKind.Measurement;
import io.edistream.sequences.event.EventOptions;
import io.edistream.sequences.kafka.KafkaOptions;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every bound of every option, crossed by as little as possible; the message says the bound. */
class OptionsTest {

    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    static Stream<Arguments> beyondTheBounds() {
        return Stream.of(
                beyond("temperature must be from 0", () -> new Sampling(-1e-9, 0, 1, 0, 0)),
                beyond("from 0 to 100", () -> new Sampling(100.1, 0, 1, 0, 0)),
                beyond("temperature", () -> new Sampling(Double.NaN, 0, 1, 0, 0)),
                beyond("top-k must be at least 0", () -> new Sampling(1, -1, 1, 0, 0)),
                beyond("top-p must be above 0", () -> new Sampling(1, 0, 0, 0, 0)),
                beyond("at most 1", () -> new Sampling(1, 0, 1.001, 0, 0)),
                beyond("top-p", () -> new Sampling(1, 0, Double.NaN, 0, 0)),
                beyond("min-p must be from 0", () -> new Sampling(1, 0, 1, -.001, 0)),
                beyond("below 1", () -> new Sampling(1, 0, 1, 1, 0)),
                beyond("min-p", () -> new Sampling(1, 0, 1, Double.NaN, 0)),
                beyond("new tokens must be at least 1", () -> GenerationRequest.of("a")
                        .withMaxNewTokens(0)),
                beyond("must have at most 256 characters, not 257", () -> GenerationRequest.of("a")
                        .named("x".repeat(257))),
                beyond("W3C traceparent", () -> GenerationRequest.of("a").inTrace(TRACE.toUpperCase(Locale.ROOT))),
                beyond("W3C traceparent", () -> GenerationRequest.of("a").inTrace(TRACE + "0")),
                beyond("alternatives must be 0 to 20, not -1", () -> GenerationRequest.of("a")
                        .withAlternatives(-1)),
                beyond("alternatives must be 0 to 20, not 21", () -> GenerationRequest.of("a")
                        .withAlternatives(21)),
                beyond("from 0, which is off, to 4096, not -1", () -> runText(-1)),
                beyond("to 4096, not 4097", () -> runText(4097)),
                beyond(
                        "alternatives must be 0 for EXACT",
                        () -> new EntropyKind(Distribution.RAW, Measurement.EXACT, 1)),
                beyond("at least 1 for BOUNDED", () -> new EntropyKind(Distribution.RAW, Measurement.BOUNDED, 0)),
                beyond("live sequences must be at least 1", () -> new DecodeOptions(0, 1, 1)),
                beyond("waiting requests must be at least 1", () -> new DecodeOptions(1, 0, 1)),
                beyond("prompt tokens per step must be at least 1", () -> new DecodeOptions(1, 1, 0)),
                beyond("working bytes must be at least 1, not 0", () -> new DecodeOptions(1, 1, 1, 0)),
                beyond("command age must be above 0", () -> new ControlOptions(Duration.ZERO, 1)),
                beyond("command age must be above 0", () -> new ControlOptions(Duration.ofNanos(-1), 1)),
                beyond("remembered commands must be at least 1", () -> new ControlOptions(Duration.ofNanos(1), 0)),
                beyond("block size must be at least 1", () -> new TorchOptions(TorchOptions.Device.CPU, 0, 2, 1)),
                beyond("blocks must be at least 2", () -> new TorchOptions(TorchOptions.Device.CPU, 1, 1, 1)),
                beyond("threads must be at least 1", () -> new TorchOptions(TorchOptions.Device.CPU, 1, 2, 0)),
                beyond("vocabulary size of model m must be at least 2", () -> new ModelInfo("m", 1, 1, 0, 1, 2)),
                beyond("name of a model must have 1 to 256 characters, not 0", () -> new ModelInfo("", 2, 1, 0, 1, 2)),
                beyond("not 257", () -> new ModelInfo("m".repeat(257), 2, 1, 0, 1, 2)),
                beyond("positions of model m must be at least 1", () -> new ModelInfo("m", 2, 0, 0, 1, 2)),
                beyond("from 0 to 1", () -> new ModelInfo("m", 2, 1, 2, 1, 2)),
                beyond("acks must be all, 1 or 0", () -> kafka("2", 1, 1, 0, 1, 1)),
                beyond("block time must be above 0", () -> kafka("all", 0, 1, 0, 1, 1)),
                beyond("delivery timeout must be above 0", () -> kafka("all", 1, 0, 0, 1, 1)),
                beyond("close timeout must be at least 0", () -> kafka("all", 1, 1, -1, 1, 1)),
                beyond("queue capacity must be at least 1", () -> kafka("all", 1, 1, 0, 0, 1)),
                beyond("merged steps must be at least 1", () -> kafka("all", 1, 1, 0, 1, 0)));
    }

    static Stream<ThrowingCallable> atTheBounds() {
        return Stream.of(
                () -> new Sampling(0, 0, Double.MIN_VALUE, 0, 0),
                () -> new Sampling(100, Integer.MAX_VALUE, 1, Math.nextDown(1.0), Long.MIN_VALUE),
                () -> GenerationRequest.of("a").named("x".repeat(256)).inTrace(TRACE),
                () -> GenerationRequest.of("a").withAlternatives(20),
                () -> runText(0),
                () -> runText(4096),
                () -> new EntropyKind(Distribution.PROCESSED, Measurement.BOUNDED, 1),
                () -> new ModelInfo("m".repeat(256), 2, 1, 1, 1, 2),
                () -> new DecodeOptions(1, 1, 1, 1),
                () -> new ControlOptions(Duration.ofNanos(1), 1),
                () -> new TorchOptions(TorchOptions.Device.GPU, 1, 2, 1),
                () -> new ModelInfo("m", 2, 1, 1, 1, 2),
                () -> kafka("0", 1, 1, 0, 1, 1));
    }

    @ParameterizedTest
    @MethodSource
    void beyondTheBounds(String message, ThrowingCallable construction) {
        assertThatIllegalArgumentException().isThrownBy(construction).withMessageContaining(message);
    }

    @ParameterizedTest
    @MethodSource
    void atTheBounds(ThrowingCallable construction) {
        assertThatCode(construction).doesNotThrowAnyException();
    }

    /** 2,047 blocks of 16 tokens, since one is scratch. */
    @ParameterizedTest
    @CsvSource({"1, 2047", "16, 2047", "17, 1023", "256, 127", "257, 120", "32752, 1", "32753, 0"})
    void theCacheHoldsSoManySequences(int tokens, int sequences) {
        assertThat(TorchOptions.defaults().sequencesOf(tokens)).isEqualTo(sequences);
    }

    private static EventOptions runText(int characters) {
        return new EventOptions(false, false, false, false, false, characters);
    }

    private static Arguments beyond(String message, ThrowingCallable construction) {
        return Arguments.of(message, construction);
    }

    private static KafkaOptions kafka(
            String acks, long blockMillis, long deliveryMillis, long closeMillis, int queue, int merged) {
        return new KafkaOptions(
                "localhost:1",
                Topics.DEFAULT,
                acks,
                Duration.ofMillis(blockMillis),
                Duration.ofMillis(deliveryMillis),
                Duration.ofMillis(closeMillis),
                queue,
                merged,
                Map.of());
    }

    @Test
    void noTextShowsTheValueOfAProperty() {
        assertThat(KafkaOptions.of("a:1").withClientProperties(Map.of("ssl.key.password", "hunter2")))
                .asString()
                .contains("ssl.key.password")
                .doesNotContain("hunter2");
    }
}
