package io.edistream.generator.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edistream.sequences.EndReason;
import io.edistream.sequences.PromptGroup;
import io.edistream.sequences.TokenListener;
import io.edistream.sequences.control.ControlOptions;
import io.edistream.sequences.control.RecordingOutcomePublisher;
import io.edistream.sequences.event.RecordingEntropyPublisher;
import io.edistream.sequences.hub.SequenceHub;
import io.edistream.sequences.metrics.GeneratorMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class RouteDecoderTest {

    private final Route route = new Route(
            "default",
            FakeLanguageModel.endlessWithBlocks(1 + 4),
            new NumberWords(),
            "",
            TokenClassifier.none(),
            AnswerExtractor.none());
    private final GeneratorMetrics metrics = new GeneratorMetrics(new PrometheusRegistry());
    private final SequenceHub hub = new SequenceHub(
            new RecordingEntropyPublisher(),
            new RecordingOutcomePublisher(),
            ControlOptions.defaults(),
            metrics,
            () -> 0);
    private final RouteDecoder decoder = new RouteDecoder(route, DecodeOptions.defaults(), metrics, () -> 0);

    /** Requests are checked when they come in, so this takes a leak: here the check is left out. */
    @Test
    void aRouteHasAShortNameAndNotTooManyClasses() {
        assertThatIllegalArgumentException().isThrownBy(() -> route("", 1)).withMessageContaining("1 to 256");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> route("r".repeat(257), 1))
                .withMessageContaining("257");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> route("r", 129))
                .withMessageContaining("129 token classes; at most 128");
        assertThat(route("r".repeat(256), 128).classifier().names()).hasSize(128);
    }

    @Test
    void aHeadThatNeverFitsEndsInsteadOfSpinning() {
        LiveSequence fits = sequence(0, 12);
        LiveSequence never = sequence(1, 13);
        LiveSequence behind = sequence(2, 1);
        decoder.enqueue(fits);
        decoder.enqueue(never);
        decoder.enqueue(behind);
        for (int token = 1; token <= 11; token++) {
            decoder.step();
            assertThat(fits.tokens()).hasSize(token);
            assertThat(never.endReason())
                    .as("there is hope while something runs")
                    .isNull();
        }

        decoder.step();
        assertThat(fits.endReason()).isEqualTo(EndReason.LENGTH);
        assertThat(never.endReason()).isEqualTo(EndReason.ERROR);
        assertThat(behind.tokens()).isEmpty();
        decoder.step();
        assertThat(behind.endReason()).isEqualTo(EndReason.LENGTH);
        assertThat(decoder.isBusy()).isFalse();
    }

    private LiveSequence sequence(long counter, int newTokens) {
        List<Integer> prompt = List.of(5, 6, 7, 8, 9);
        PromptGroup group = new PromptGroup(counter, 1, () -> {});
        group.sampleWaits();
        GenerationRequest request = GenerationRequest.of(prompt).withMaxNewTokens(newTokens);
        return LiveSequence.root(
                hub,
                new LiveSequence.Start(
                        counter,
                        hub.request(counter, group, TokenListener.NONE),
                        request,
                        request.sampling(),
                        route,
                        prompt,
                        List.of(),
                        null,
                        () -> {}));
    }

    private static Route route(String name, int classes) {
        TokenClassifier classifier = new TokenClassifier() {
            @Override
            public List<String> names() {
                return Collections.nCopies(classes, "class");
            }

            @Override
            public Cursor start() {
                return token -> 0;
            }
        };
        return new Route(
                name, FakeLanguageModel.withBlocks(2), new NumberWords(), "", classifier, AnswerExtractor.none());
    }
}
