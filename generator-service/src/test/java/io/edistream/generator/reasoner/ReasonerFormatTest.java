package io.edistream.generator.reasoner;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.edistream.generator.decode.TokenClassifier;
import io.edistream.generator.decode.Tokenizer;
import io.edistream.generator.torch.Models;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Token classes and answers of chains that the training program wrote. */
class ReasonerFormatTest {

    private final Words words = new Words();

    @Test
    void classesAreThoseOfTheFixture() {
        JsonNode chains = Models.fixture("token-classes.json");
        int digitsOfResults = 0;
        for (JsonNode chain : chains) {
            List<Integer> ids = words.read(chain);
            ResultDigits classifier = new ResultDigits(words);
            TokenClassifier.Cursor cursor = classifier.start();
            List<String> classes = new ArrayList<>();
            for (int id : ids) {
                int tokenClass = cursor.next(id);
                classes.add(classifier.names().get(tokenClass));
                digitsOfResults += tokenClass == ResultDigits.RESULT ? 1 : 0;
            }
            List<String> expected = new ArrayList<>();
            chain.path("classes").forEach(name -> expected.add(name.textValue()));
            assertThat(classes).isEqualTo(expected);
        }
        assertThat(digitsOfResults).isPositive();
    }

    @Test
    void twoCursorsDoNotDisturbEachOther() {
        words.read(Models.fixture("token-classes.json").get(0));
        int equals = words.id("=");
        int digit = words.id("6");
        ResultDigits classifier = new ResultDigits(words);
        TokenClassifier.Cursor one = classifier.start();
        TokenClassifier.Cursor other = classifier.start();
        one.next(equals);
        assertThat(other.next(digit)).isEqualTo(ResultDigits.OTHER);
        assertThat(one.next(digit)).isEqualTo(ResultDigits.RESULT);
    }

    @Test
    void theAnswerIsWhatStandsBehindTheMarker() {
        List<Integer> ids = words.read(Models.fixture("token-classes.json").get(0));
        int marker = words.id("answer");
        int end = words.id("<eos>");
        AnswerAfterMarker answers = new AnswerAfterMarker(4, marker, Set.of(end), words);
        assertThat(answers.answer(ids)).contains("67");
        assertThat(answers.answer(ids.subList(0, ids.size() - 1))).as("cut off").contains("67");
        assertThat(answers.answer(ids.subList(0, ids.indexOf(marker) + 1))).isEmpty();
        assertThat(answers.answer(ids.subList(0, ids.indexOf(marker)))).isEmpty();
        assertThat(answers.answer(List.of())).isEmpty();
        assertThat(answers.isThinking(ids.subList(0, ids.indexOf(marker)))).isTrue();
        assertThat(answers.isThinking(ids.subList(0, ids.indexOf(marker) + 1))).isFalse();
        assertThat(answers.isThinking(ids)).isFalse();
        assertThat(answers.isThinking(List.of())).isTrue();
    }

    /** The words that the fixture's ids stand for, learnt while reading it. */
    private static final class Words implements Tokenizer {

        private final Map<Integer, String> words = new HashMap<>();

        List<Integer> read(JsonNode chain) {
            List<Integer> ids = Models.integers(chain.path("ids"));
            for (int i = 0; i < ids.size(); i++) {
                words.put(ids.get(i), chain.path("tokens").get(i).textValue());
            }
            return ids;
        }

        int id(String word) {
            return words.entrySet().stream()
                    .filter(entry -> entry.getValue().equals(word))
                    .findFirst()
                    .orElseThrow()
                    .getKey();
        }

        @Override
        public String word(int token) {
            return words.get(token);
        }

        @Override
        public List<Integer> encode(String text) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String decode(List<Integer> tokens) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }
}
