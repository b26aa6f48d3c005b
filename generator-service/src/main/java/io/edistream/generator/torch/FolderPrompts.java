package io.edistream.generator.torch;

import io.edistream.generator.decode.Prompt;
import io.edistream.generator.decode.PromptFormat;
import io.edistream.generator.torch.ChatTemplate.Segment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Prompts of a model that was trained elsewhere. What users write names no special tokens.
 *
 * @param words the model's tokenizer
 * @param begin ids before every text
 * @param chat how conversations are written; null if the model has none
 */
record FolderPrompts(HuggingFaceWords words, List<Integer> begin, @Nullable ChatTemplate chat) implements PromptFormat {

    @Override
    public List<Integer> encode(Prompt prompt) {
        if (prompt instanceof Prompt.Tokens tokens) {
            return tokens.ids();
        }
        if (prompt instanceof Prompt.Text text) {
            List<Integer> ids = new ArrayList<>(begin);
            ids.addAll(words.encode(List.of(new Segment(text.text(), false))));
            return ids;
        }
        if (chat == null) {
            throw new IllegalArgumentException(
                    "the model was exported without chat: it takes a \"prompt\", no messages");
        }
        return words.encode(chat.segments(((Prompt.Messages) prompt).messages()));
    }

    /**
     * Compares ids with those that the checkpoint's own tokenizer made.
     *
     * @throws ModelFolderException if they differ
     */
    void require(List<PromptCheck> checks, ModelFolder folder) {
        for (PromptCheck check : checks) {
            List<Integer> ids = encode(check.prompt());
            if (!ids.equals(check.ids())) {
                throw new ModelFolderException(folder.tokenizerFile() + " makes other tokens of a check prompt than the"
                        + " model was trained with: " + ids + " instead of " + check.ids()
                        + "; export the model again");
            }
        }
    }
}
