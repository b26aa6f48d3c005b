package io.edistream.generator.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelFolderTest {

    @TempDir
    private Path folder;

    @BeforeEach
    void copyAModel() throws IOException {
        for (String name : new String[] {"model.pt", "model.json", "tokenizer.json"}) {
            Files.copy(Models.folder("reasoner-s").resolve(name), folder.resolve(name));
        }
    }

    @Test
    void readsTheDescription() {
        assertThat(ModelFolder.open(folder).description().name()).isEqualTo("reasoner-s");
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.pt", "model.json", "tokenizer.json"})
    void saysWhichFileIsMissing(String name) throws IOException {
        Files.delete(folder.resolve(name));
        assertRefused(name + " is missing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"vocabulary_size", "max_positions", "layers", "kv_heads", "head_dim"})
    void saysWhichNumberIsWrong(String field) throws IOException {
        edit(json -> json.put(field, "many"));
        assertRefused("\"" + field + "\" must be a whole number");
        edit(json -> json.put(field, -1));
        assertRefused("\"" + field + "\" must be a whole number of at least 0");
        edit(json -> json.remove(field));
        assertRefused("\"" + field + "\" must be a whole number");
    }

    @Test
    void refusesACountOfParametersThatIsNone() throws IOException {
        edit(json -> json.put("parameters", 0));
        assertRefused("\"parameters\" must be a whole number of at least 1");
        edit(json -> json.put("parameters", "many"));
        assertRefused("\"parameters\" must be a whole number of at least 1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"unk_token_id", "think_token_id", "end_think_token_id", "answer_token_id"})
    void saysWhichNumberOfAReasonerIsWrong(String field) throws IOException {
        edit(json -> json.withObject("/reasoner").put(field, -1));
        assertRefused("\"reasoner." + field + "\" must be a whole number of at least 0");
        edit(json -> json.withObject("/reasoner").remove(field));
        assertRefused("\"reasoner." + field + "\" must be a whole number");
        edit(json -> json.put("reasoner", 3));
        assertRefused("\"reasoner\" must be an object");
    }

    @Test
    void aModelNeedNotBeAReasoner() throws IOException {
        edit(json -> json.remove("reasoner"));
        assertThat(ModelFolder.open(folder).description().reasoner()).isNull();
    }

    @Test
    void takesAPaddedVocabulary() throws IOException {
        edit(json -> json.put("vocabulary_size", 200));
        try (HuggingFaceWords words = HuggingFaceWords.load(ModelFolder.open(folder))) {
            assertThat(words.encode("3 + 4")).hasSize(3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"row", "token", "mask", "key", "score"})
    void saysWhichCoefficientOfWorkingBytesIsWrong(String field) throws IOException {
        edit(json -> ((ObjectNode) json.get("working_bytes")).put(field, -1));
        assertRefused("\"working_bytes." + field + "\" must be a whole number of at least 0");
        edit(json -> json.remove("working_bytes"));
        assertRefused("\"working_bytes.row\" must be a whole number of at least 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"name", "dtype", "sha256"})
    void saysWhichTextIsWrong(String field) throws IOException {
        edit(json -> json.put(field, 3));
        assertRefused("\"" + field + "\" must be a text");
    }

    @Test
    void refusesAPrecisionThatTheModuleCannotHave() throws IOException {
        edit(json -> json.put("dtype", "int4"));
        assertRefused("\"dtype\" must be float64 or float32, not int4");
    }

    @Test
    void readsSeveralEndsAndRefusesNone() throws IOException {
        edit(json -> json.putArray("eos_token_ids").add(1).add(7));
        assertThat(ModelFolder.open(folder).description().endsOfSequence()).containsExactlyInAnyOrder(1, 7);
        edit(json -> json.putArray("eos_token_ids"));
        assertRefused("\"eos_token_ids\" must be a list of at least one number");
        edit(json -> json.put("eos_token_ids", 1));
        assertRefused("\"eos_token_ids\" must be a list of at least one number");
        edit(json -> json.putArray("eos_token_ids").add("one"));
        assertRefused("\"eos_token_ids\" must be whole numbers of at least 0");
    }

    @Test
    void refusesAFolderOfAnotherContract() throws IOException {
        edit(json -> json.put("contract", 2));
        assertRefused("is of contract 2; this generator reads contract 1: export the model again");
        edit(json -> json.remove("contract"));
        assertRefused("\"contract\" must be a whole number");
    }

    @Test
    void saysThatItIsNotJson() throws IOException {
        Files.writeString(folder.resolve("model.json"), "{ not json");
        assertRefused("model.json is not JSON");
    }

    @Test
    void refusesAModuleThatIsNotTheDescribedOne() throws IOException {
        Files.write(folder.resolve("model.pt"), new byte[] {1, 2, 3});
        assertRefused("model.pt is not the module that model.json describes");
    }

    @Test
    void refusesATokenizerOfAnotherVocabulary() throws IOException {
        edit(json -> json.put("vocabulary_size", 5));
        ModelFolder files = ModelFolder.open(folder);
        assertThatExceptionOfType(ModelFolderException.class)
                .isThrownBy(() -> HuggingFaceWords.load(files))
                .withMessageContaining("has a token 161, but model.json says 5 tokens");
    }

    private void assertRefused(String message) {
        assertThatExceptionOfType(ModelFolderException.class)
                .isThrownBy(() -> ModelFolder.open(folder))
                .withMessageContaining(message);
    }

    private void edit(java.util.function.Consumer<ObjectNode> edit) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        Path file = folder.resolve("model.json");
        ObjectNode json = (ObjectNode) mapper.readTree(file.toFile());
        edit.accept(json);
        mapper.writeValue(file.toFile(), json);
    }
}
