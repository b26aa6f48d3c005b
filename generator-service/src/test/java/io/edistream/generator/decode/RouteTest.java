package io.edistream.generator.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class RouteTest {

    /** They stand in every start, so that long ones would make starts too large for a record. */
    @Test
    void tokenClassesHaveShortNames() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> withClass("c".repeat(257)))
                .withMessageContaining("route r")
                .withMessageContaining("257 characters; at most 256");
        assertThat(withClass("c".repeat(256)).classifier().names()).hasSize(1);
    }

    private static Route withClass(String tokenClass) {
        TokenClassifier classifier = new TokenClassifier() {
            @Override
            public List<String> names() {
                return List.of(tokenClass);
            }

            @Override
            public Cursor start() {
                return token -> 0;
            }
        };
        return new Route(
                "r", FakeLanguageModel.withBlocks(2), new NumberWords(), "", classifier, AnswerExtractor.none());
    }
}
