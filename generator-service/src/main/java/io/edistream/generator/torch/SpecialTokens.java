package io.edistream.generator.torch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.edistream.generator.torch.ChatTemplate.Segment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The special tokens of a tokenizer by name. */
final class SpecialTokens {

    private static final String ADDED = "added_tokens";

    private final Map<String, Integer> ids;
    private final Pattern names;

    private SpecialTokens(Map<String, Integer> ids) {
        this.ids = Map.copyOf(ids);
        this.names = Pattern.compile(
                ids.isEmpty()
                        ? "(?!)"
                        : ids.keySet().stream()
                                .sorted(Comparator.comparingInt(String::length).reversed())
                                .map(Pattern::quote)
                                .collect(Collectors.joining("|")));
    }

    /** Those of a {@code tokenizer.json}. */
    static SpecialTokens of(JsonNode tokenizer) {
        Map<String, Integer> ids = new HashMap<>();
        for (JsonNode token : tokenizer.path(ADDED)) {
            if (token.path("special").booleanValue()) {
                ids.put(token.path("content").textValue(), token.path("id").intValue());
            }
        }
        return new SpecialTokens(ids);
    }

    /** A {@code tokenizer.json} for which the names of special tokens are text like any other. */
    static byte[] without(JsonNode tokenizer) {
        ObjectNode copy = tokenizer.deepCopy();
        ArrayNode kept = copy.putArray(ADDED);
        for (JsonNode token : tokenizer.path(ADDED)) {
            if (!token.path("special").booleanValue()) {
                kept.add(token);
            }
        }
        // It names special tokens, which are not there any more.
        copy.putNull("post_processor");
        return copy.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * A special token or a text without any.
     *
     * @param special the token; null for a text
     * @param text the text; empty for a token
     */
    record Piece(@Nullable Integer special, String text) {}

    /** Cuts segments at the special tokens that a template names. Text between two of them stays in one piece. */
    List<Piece> pieces(List<Segment> segments) {
        List<Piece> pieces = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (Segment segment : segments) {
            int from = 0;
            if (segment.isTemplate()) {
                Matcher name = names.matcher(segment.text());
                while (name.find()) {
                    text.append(segment.text(), from, name.start());
                    addText(text, pieces);
                    pieces.add(new Piece(ids.get(name.group()), ""));
                    from = name.end();
                }
            }
            text.append(segment.text(), from, segment.text().length());
        }
        addText(text, pieces);
        return pieces;
    }

    private static void addText(StringBuilder text, List<Piece> pieces) {
        if (!text.isEmpty()) {
            pieces.add(new Piece(null, text.toString()));
            text.setLength(0);
        }
    }
}
