package io.edistream.generator.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.edistream.sequences.DecodedToken;
import io.edistream.sequences.EndReason;
import io.edistream.sequences.TokenStats;
import io.edistream.sequences.hub.SequenceContent.Ending;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RouteContentTest {

    private static final Route ROUTE = new Route(
            GenerationRequest.DEFAULT_ROUTE,
            FakeLanguageModel.withBlocks(2),
            new NumberWords(),
            "",
            TokenClassifier.none(),
            tokens -> Optional.of("an answer"));

    private static Ending ending(
            GenerationRequest request, List<Integer> carried, List<Integer> tokens, EndReason reason) {
        return new RouteContent(0, ROUTE, request, carried)
                .ending(tokens.stream().map(RouteContentTest::token).toList(), reason);
    }

    private static GenerationRequest request() {
        return GenerationRequest.of(List.of(5)).stoppedBy(List.of("7 x"));
    }

    @Test
    void theTokenThatEndsASequenceHasNoText() {
        assertThat(ending(request(), List.of(), List.of(5, FakeLanguageModel.END), EndReason.END_OF_SEQUENCE)
                        .text())
                .isEqualTo("5");
        assertThat(ending(request(), List.of(), List.of(FakeLanguageModel.END), EndReason.END_OF_SEQUENCE)
                        .text())
                .isEmpty();
    }

    @Test
    void whatIsHeldIsTextAtTheEndAndNotBeforeItGoesOnElsewhere() {
        assertThat(ending(request(), List.of(), List.of(5, 7), EndReason.LENGTH).text())
                .isEqualTo("5 7");
        assertThat(ending(request(), List.of(), List.of(5, 7), EndReason.REROUTED)
                        .text())
                .isEqualTo("5 ");
        assertThat(ending(request(), List.of(5, 7), List.of(), EndReason.CANCELLED)
                        .text())
                .as("held by the one before, of one without tokens")
                .isEqualTo("7");
    }

    @Test
    void onlyWhoCameToAnEndIsJudged() {
        GenerationRequest checked = request().checkedBy(AnswerCheck.expecting("an answer"));
        for (EndReason reason : EndReason.values()) {
            Ending ending = ending(checked, List.of(), List.of(5), reason);
            assertThat(ending.answer()).isEqualTo("an answer");
            assertThat(ending.correct()).as("%s", reason).isEqualTo(reason.isNatural() ? true : null);
        }
    }

    private static DecodedToken token(int id) {
        return DecodedToken.drawn(new TokenStats(id, 0.5f, -1, 5, 0.5f, 0.5f, 1), 0);
    }
}
