package io.edistream.generator.torch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderCheckTest {

    @TempDir
    private Path folder;

    /** The fixture's tokens are those of the plain forward pass. */
    @Test
    void aModelThatGeneratesWhatItsFolderSaysIsWell() throws IOException {
        assertThat(FolderCheck.of(withChecks(0), TorchOptions.defaults()))
                .isEqualTo(new FolderCheck.Result(2, 16, List.of()));
    }

    @Test
    void whatComesInsteadIsSaid() throws IOException {
        FolderCheck.Result result = FolderCheck.of(withChecks(1), TorchOptions.defaults());
        assertThat(result.differences()).hasSize(1);
        assertThat(result.differences().get(0))
                .matches("check prompt 2 is continued with the tokens \\[.*] instead of \\[.*]");
    }

    @Test
    void aFolderWithoutCheckPromptsHasNothingToCompare() {
        assertThat(FolderCheck.of(Models.folder("reasoner-s"), TorchOptions.defaults()))
                .isEqualTo(new FolderCheck.Result(0, 0, List.of()));
    }

    /** The first two cases of the fixture as check prompts; the last token of the second one shifted. */
    private Path withChecks(int shift) throws IOException {
        for (String name : new String[] {"model.pt", "model.json", "tokenizer.json"}) {
            Files.copy(Models.folder("reasoner-s").resolve(name), folder.resolve(name));
        }
        ObjectMapper mapper = new ObjectMapper();
        Path file = folder.resolve("model.json");
        ObjectNode json = (ObjectNode) mapper.readTree(file.toFile());
        ArrayNode checks = json.putArray("checks");
        JsonNode cases = Models.fixture("logits-reasoner-s.json").path("cases");
        for (int i = 0; i < 2; i++) {
            ObjectNode check = checks.addObject();
            check.set("prompt", cases.get(i).path("prompt"));
            check.set("ids", cases.get(i).path("prompt_token_ids"));
            ArrayNode greedy = check.putArray("greedy");
            cases.get(i)
                    .path("steps")
                    .forEach(step -> greedy.add(step.path("greedy_token_id").intValue()));
            if (i == 1) {
                int last = greedy.size() - 1;
                greedy.set(last, greedy.get(last).intValue() + shift);
            }
        }
        mapper.writeValue(file.toFile(), json);
        return folder;
    }
}
