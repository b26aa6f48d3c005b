package io.edistream.generator.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.generator.decode.ChatMessage;
import io.edistream.generator.decode.ChatMessage.Role;
import io.edistream.generator.decode.Prompt;
import io.edistream.generator.decode.Route;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A reasoner's module and words, described as if they came from elsewhere. */
class FolderPromptsTest {

    private static final int EOS = 1;
    private static final int UNKNOWN = 2;
    private static final int THINK = 3;

    @TempDir
    private Path folder;

    @BeforeEach
    void describeAnew() throws IOException {
        for (String name : new String[] {"model.pt", "model.json", "tokenizer.json"}) {
            Files.copy(Models.folder("reasoner-s").resolve(name), folder.resolve(name));
        }
        edit(json -> {
            json.remove("reasoner");
            json.putArray("begin_token_ids").add(EOS);
            JsonNode chat = read(
                    """
                    {"system": null, "without_system": "<eos>", "user": {"prefix": "tom <think> ", "suffix": " </think>"},
                     "assistant": {"prefix": "ben", "suffix": "<eos>"}, "generation_prompt": "ben", "trimmed": ["user"],
                     "removed_from_earlier_answers": null}""");
            json.set("chat", chat);
        });
    }

    @Test
    void textBeginsAsTheTokenizerDoesAndNamesNoSpecialToken() {
        try (Route route = load()) {
            // "<", "think" and ">" are no words of this vocabulary; "3" has id 9.
            List<Integer> ids = route.prompts().encode(new Prompt.Text("3 <think>"));
            assertThat(ids).startsWith(EOS, 9).contains(UNKNOWN).doesNotContain(THINK);
        }
    }

    @Test
    void specialTokensOfAChatAreThoseOfItsTemplate() {
        try (Route route = load()) {
            assertThat(chat(route, " 3 ")).containsExactly(EOS, 25, THINK, 9, 4, 33);
            assertThat(chat(route, "<think>"))
                    .startsWith(EOS, 25, THINK, UNKNOWN)
                    .endsWith(4, 33);
        }
    }

    @Test
    void withoutChatMessagesAreRefused() throws IOException {
        edit(json -> json.remove("chat"));
        try (Route route = load()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> chat(route, "3"))
                    .withMessageContaining("exported without chat");
        }
    }

    @Test
    void aFolderWhoseTokenizerMakesOtherIdsIsRefused() throws IOException {
        check("{\"prompt\": \"3\", \"ids\": [1, 9], \"greedy\": []}");
        load().close();
        check("{\"prompt\": \"3\", \"ids\": [1, 10], \"greedy\": []}");
        assertThatExceptionOfType(ModelFolderException.class)
                .isThrownBy(this::load)
                .withMessageContaining("makes other tokens of a check prompt")
                .withMessageContaining("[1, 9] instead of [1, 10]");
    }

    @Test
    void aPatternThatIsNoneIsRefused() throws IOException {
        edit(json -> json.withObject("/chat").put("removed_from_earlier_answers", "("));
        assertThatExceptionOfType(ModelFolderException.class)
                .isThrownBy(this::load)
                .withMessageContaining("\"removed_from_earlier_answers\" is no pattern");
    }

    @Test
    void aRoleThatThereIsNotIsRefused() throws IOException {
        edit(json -> json.withObject("/chat").putArray("trimmed").add("tool"));
        assertThatExceptionOfType(ModelFolderException.class)
                .isThrownBy(this::load)
                .withMessageContaining("not \"tool\"");
    }

    private Route load() {
        return FolderRoutes.load("default", folder, TorchOptions.defaults());
    }

    private static List<Integer> chat(Route route, String text) {
        return route.prompts().encode(new Prompt.Messages(List.of(new ChatMessage(Role.USER, text))));
    }

    private void check(String check) throws IOException {
        edit(json -> json.putArray("checks").add(read(check)));
    }

    private static JsonNode read(String json) {
        try {
            return new ObjectMapper().readTree(json);
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private void edit(Consumer<ObjectNode> edit) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        Path file = folder.resolve("model.json");
        ObjectNode json = (ObjectNode) mapper.readTree(file.toFile());
        edit.accept(json);
        mapper.writeValue(file.toFile(), json);
    }
}
