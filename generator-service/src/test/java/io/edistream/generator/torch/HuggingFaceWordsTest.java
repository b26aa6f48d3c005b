package io.edistream.generator.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import io.edistream.generator.decode.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HuggingFaceWordsTest {

    @TempDir
    private Path temporary;

    private static Tokenizer tokenizer;
    private static int unknown;

    @BeforeAll
    static void load() {
        ModelFolder folder = ModelFolder.open(Models.folder("reasoner-s"));
        tokenizer = HuggingFaceWords.load(folder);
        unknown = Objects.requireNonNull(folder.description().reasoner()).unknown();
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    @Test
    void idsAreThoseOfTheFixture() {
        int known = 0;
        for (JsonNode line : Models.fixture("tokenizer.json")) {
            List<Integer> ids = Models.integers(line.path("ids"));
            if (!ids.contains(unknown)) {
                assertThat(tokenizer.encode(line.path("text").textValue())).isEqualTo(ids);
                known++;
            }
        }
        assertThat(known).isGreaterThan(5);
    }

    @Test
    void anUnknownWordIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tokenizer.encode("Tom has 3 Zebras."))
                .withMessageContaining("\"Zebras\"")
                .withMessageContaining("10 to 16");
    }

    @Test
    void wordsAndTextAgree() {
        List<Integer> ids = tokenizer.encode("so 3 + 4 = 7 <think>");
        assertThat(ids.stream().map(tokenizer::word)).containsExactly("so", "3", "+", "4", "=", "7", "<think>");
        assertThat(tokenizer.encode(tokenizer.decode(ids))).isEqualTo(ids);
        assertThatIllegalArgumentException().isThrownBy(() -> tokenizer.word(100_000));
    }

    @Test
    void equalFilesAreOneVocabulary() throws IOException {
        try (Tokenizer same = HuggingFaceWords.load(ModelFolder.open(Models.folder("reasoner-l")))) {
            assertThat(same.vocabulary()).isEqualTo(tokenizer.vocabulary());
        }
        Path folder = Files.createDirectory(temporary.resolve("other"));
        for (String name : new String[] {"model.pt", "model.json", "tokenizer.json"}) {
            Files.copy(Models.folder("reasoner-s").resolve(name), folder.resolve(name));
        }
        Files.writeString(folder.resolve("tokenizer.json"), "\n", StandardOpenOption.APPEND);
        try (Tokenizer other = HuggingFaceWords.load(ModelFolder.open(folder))) {
            assertThat(other.vocabulary()).isNotEqualTo(tokenizer.vocabulary());
        }
    }

    @Test
    void longPromptsAreNotCut() {
        assertThat(tokenizer.encode("3 ".repeat(2000))).hasSize(2000);
    }
}
