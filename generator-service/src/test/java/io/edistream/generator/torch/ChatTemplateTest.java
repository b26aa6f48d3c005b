package io.edistream.generator.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edistream.generator.decode.ChatMessage;
import io.edistream.generator.decode.ChatMessage.Role;
import io.edistream.generator.torch.ChatTemplate.Around;
import io.edistream.generator.torch.ChatTemplate.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChatTemplateTest {

    private static final ChatTemplate SEPARATE = new ChatTemplate(
            new Around("<s>system:", "\n"),
            false,
            "<s>system:be kind\n",
            new Around("user:", "\n"),
            new Around("model:", "\n"),
            "model:",
            Set.of(),
            Pattern.compile("(?s)^.*</think>\\s*"));

    private static final ChatTemplate FOLDED = new ChatTemplate(
            new Around("<s>user:", "\n\n"),
            true,
            "<s>",
            new Around("user:", "\n"),
            new Around("model:", "\n"),
            "model:",
            Set.of(Role.USER),
            null);

    private static final ChatTemplate WITHOUT_SYSTEM = new ChatTemplate(
            null, false, "", new Around("user:", "\n"), new Around("model:", "\n"), "model:", Set.of(), null);

    @Test
    void aConversationWithoutASystemMessageBeginsWithTheDefault() {
        assertThat(text(SEPARATE, "user", "hi")).isEqualTo("<s>system:be kind\nuser:hi\nmodel:");
    }

    @Test
    void aSystemMessageReplacesTheDefault() {
        assertThat(text(SEPARATE, "system", "be brief", "user", "hi")).isEqualTo("<s>system:be brief\nuser:hi\nmodel:");
    }

    @Test
    void earlierThinkingIsRemovedAndThatOfUsersStays() {
        assertThat(text(SEPARATE, "user", "a</think> b", "assistant", "<think>x\ny</think>\n\nz", "user", "c"))
                .isEqualTo("<s>system:be kind\nuser:a</think> b\nmodel:z\nuser:c\nmodel:");
    }

    @Test
    void aFoldedSystemMessageStandsInTheFirstUserMessageOnly() {
        assertThat(text(FOLDED, "system", "be brief", "user", " a ", "assistant", " b ", "user", "\nc\n"))
                .isEqualTo("<s>user:be brief\n\na\nmodel: b \nuser:c\nmodel:");
    }

    @Test
    void onlyTheTemplateIsTheTemplates() {
        assertThat(SEPARATE.segments(messages("user", "<s>hi")).stream()
                        .filter(segment -> !segment.isTemplate())
                        .map(Segment::text))
                .containsExactly("<s>hi");
    }

    @Test
    void aSystemMessageThatTheTemplateDoesNotTakeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> text(WITHOUT_SYSTEM, "system", "be brief", "user", "hi"))
                .withMessageContaining("takes no system message");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "system",
                "assistant",
                "user,user",
                "user,assistant",
                "user,system,user",
                "system,assistant,user"
            })
    void messagesOutOfTurnAreRefused(String roles) {
        List<String> pairs = new ArrayList<>();
        for (String role : roles.isEmpty() ? new String[0] : roles.split(",")) {
            pairs.add(role);
            pairs.add("text");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> text(SEPARATE, pairs.toArray(String[]::new)))
                .withMessageContaining("user and assistant in turn");
    }

    private static String text(ChatTemplate template, String... rolesAndContents) {
        return template.segments(messages(rolesAndContents)).stream()
                .map(Segment::text)
                .collect(Collectors.joining());
    }

    private static List<ChatMessage> messages(String... rolesAndContents) {
        List<ChatMessage> messages = new ArrayList<>();
        for (int i = 0; i < rolesAndContents.length; i += 2) {
            messages.add(new ChatMessage(
                    Role.valueOf(rolesAndContents[i].toUpperCase(java.util.Locale.ROOT)), rolesAndContents[i + 1]));
        }
        return messages;
    }
}
