package io.edistream.generator.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FolderRoutesTest {

    private static final String THREADS = "ai.djl.pytorch.num_threads";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"think_token_id", "answer_token_id"})
    void anIdThatTheTokenizerDoesNotHaveIsAFaultOfTheFolder(String field) throws Exception {
        copyAModel();
        ObjectMapper mapper = new ObjectMapper();
        Path file = folder.resolve("model.json");
        ObjectNode json = (ObjectNode) mapper.readTree(file.toFile());
        int vocabulary = json.path("vocabulary_size").intValue();
        // A module that cannot be loaded: it would be reported instead if it were loaded, and leaked, before the ids
        // are
        // looked at.
        byte[] noModule = {1, 2, 3};
        Files.write(folder.resolve("model.pt"), noModule);
        json.put(
                "sha256",
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(noModule)));
        json.withObject("/reasoner").put(field, vocabulary);
        mapper.writeValue(file.toFile(), json);
        assertThatExceptionOfType(ModelFolderException.class)
                .isThrownBy(() -> FolderRoutes.load("default", folder, TorchOptions.defaults()))
                .withMessageContaining(field)
                .withMessageContaining("no token " + vocabulary);
    }

    @Test
    void onlyAModelDecidesOnThreads() {
        String before = System.getProperty(THREADS);
        try {
            System.clearProperty(THREADS);
            HuggingFaceWords.load(ModelFolder.open(Models.folder("reasoner-s"))).close();
            assertThat(System.getProperty(THREADS)).isNull();
            TorchRuntime.prepareEngine(3);
            assertThat(System.getProperty(THREADS)).isEqualTo("3");
            TorchRuntime.prepareEngine(4);
            assertThat(System.getProperty(THREADS))
                    .as("the first model's value counts")
                    .isEqualTo("3");
        } finally {
            System.clearProperty(THREADS);
            if (before != null) {
                System.setProperty(THREADS, before);
            }
        }
    }

    private void copyAModel() throws IOException {
        for (String name : new String[] {"model.pt", "model.json", "tokenizer.json"}) {
            Files.copy(Models.folder("reasoner-s").resolve(name), folder.resolve(name));
        }
    }
}
