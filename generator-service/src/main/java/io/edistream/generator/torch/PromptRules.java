package io.edistream.generator.torch;

import com.fasterxml.jackson.databind.JsonNode;
import io.edistream.generator.decode.ChatMessage;
import io.edistream.generator.decode.ChatMessage.Role;
import io.edistream.generator.decode.Prompt;
import io.edistream.generator.torch.ModelFolder.Fields;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * How the prompts of a model are written, by {@code model.json}.
 *
 * @param begin ids before every prompt text
 * @param chat how conversations are written; null if the model has none
 * @param checks prompts whose ids are compared when the model is loaded
 */
record PromptRules(List<Integer> begin, @Nullable ChatTemplate chat, List<PromptCheck> checks) {

    /** Copies the lists. */
    PromptRules {
        begin = List.copyOf(begin);
        checks = List.copyOf(checks);
    }

    static PromptRules of(Fields fields) {
        List<PromptCheck> checks = new ArrayList<>();
        for (Fields check : fields.each("checks")) {
            checks.add(new PromptCheck(prompt(check), check.ids("ids"), check.ids("greedy")));
        }
        return new PromptRules(
                fields.ids("begin_token_ids"), fields.has("chat") ? template(fields.block("chat")) : null, checks);
    }

    private static Prompt prompt(Fields check) {
        if (!check.has("messages")) {
            return new Prompt.Text(check.text("prompt"));
        }
        List<ChatMessage> messages = new ArrayList<>();
        for (Fields message : check.each("messages")) {
            messages.add(new ChatMessage(role(message.text("role"), message), message.text("content")));
        }
        return new Prompt.Messages(messages);
    }

    private static ChatTemplate template(Fields chat) {
        boolean hasSystem = chat.has("system");
        return new ChatTemplate(
                hasSystem ? around(chat.block("system")) : null,
                hasSystem && chat.block("system").json().path("in_first_user").booleanValue(),
                chat.text("without_system"),
                around(chat.block("user")),
                around(chat.block("assistant")),
                chat.text("generation_prompt"),
                trimmed(chat),
                chat.has("removed_from_earlier_answers") ? pattern(chat) : null);
    }

    private static ChatTemplate.Around around(Fields role) {
        return new ChatTemplate.Around(role.text("prefix"), role.text("suffix"));
    }

    private static Set<Role> trimmed(Fields chat) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (JsonNode name : chat.json().path("trimmed")) {
            roles.add(role(name.asText(), chat));
        }
        return roles;
    }

    private static Pattern pattern(Fields chat) {
        try {
            // As Python reads it, which the template was checked with.
            return Pattern.compile(chat.text("removed_from_earlier_answers"), Pattern.UNICODE_CHARACTER_CLASS);
        } catch (PatternSyntaxException e) {
            throw new ModelFolderException(
                    chat.file() + ": \"removed_from_earlier_answers\" is no pattern: " + e.getDescription(), e);
        }
    }

    private static Role role(String name, Fields fields) {
        for (Role role : Role.values()) {
            if (role.name().toLowerCase(Locale.ROOT).equals(name)) {
                return role;
            }
        }
        throw new ModelFolderException(
                fields.file() + ": a role must be system, user or assistant, not \"" + name + "\"");
    }
}
