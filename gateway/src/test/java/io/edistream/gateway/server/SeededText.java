package io.edistream.gateway.server;

import io.edistream.gateway.config.UpstreamKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What an engine says, as a function of what it was given: a character that is lost or comes twice shows in all that follows. */
final class SeededText {

    private static final List<String> GAPS = List.of(" ", " ", " ", "\n", "  ", "");
    private static final List<String> TAILS = List.of("", "", "", "é", "漢字", "😀", "\"", "\\", ",", "ß");

    private SeededText() {}

    /**
     * What one event says.
     *
     * @param text empty where a character is not whole yet
     * @param tokens of it, at least one
     */
    record Piece(String text, int tokens) {}

    /**
     * The rest of a text.
     *
     * @param given what was generated before; empty for nothing
     * @param voice first letter of all words
     * @param boundless whether there is no place between two words
     * @param most tokens in all
     */
    static List<Piece> after(
            String given, char voice, UpstreamKind kind, int words, boolean boundless, int most, Random random) {
        List<Piece> pieces = new ArrayList<>();
        int sum = Math.floorMod(given.hashCode(), 89);
        for (int word = 0; word < words; word++) {
            boolean first = word == 0 && given.isEmpty();
            String gap = first || boundless ? "" : GAPS.get(random.nextInt(GAPS.size()));
            String text = gap + voice + (sum + word) + TAILS.get(random.nextInt(TAILS.size()));
            cut(text, kind, pieces, random);
        }
        return upTo(most, kind == UpstreamKind.VLLM ? together(pieces, random) : pieces);
    }

    /** A word in tokens; those of a character that needs several have a text together. */
    private static void cut(String word, UpstreamKind kind, List<Piece> pieces, Random random) {
        int from = 0;
        while (from < word.length()) {
            int to = word.offsetByCodePoints(from, 1);
            while (to < word.length() && random.nextInt(3) > 0 && word.codePointAt(to) < 0x2000) {
                to = word.offsetByCodePoints(to, 1);
            }
            String text = word.substring(from, to);
            int parts = text.codePointAt(0) < 0x2000 ? 0 : random.nextInt(4);
            if (kind == UpstreamKind.LLAMACPP) {
                // It shows nothing of a character until it is whole.
                pieces.add(new Piece(text, 1 + parts));
            } else {
                for (int part = 0; part < parts; part++) {
                    pieces.add(new Piece("", 1));
                }
                pieces.add(new Piece(text, 1));
            }
            from = to;
        }
    }

    /** A vLLM that is busy sends several tokens at once. */
    private static List<Piece> together(List<Piece> pieces, Random random) {
        List<Piece> events = new ArrayList<>();
        for (Piece piece : pieces) {
            int last = events.size() - 1;
            if (last >= 0 && random.nextInt(5) == 0) {
                Piece before = events.get(last);
                events.set(last, new Piece(before.text + piece.text, before.tokens + piece.tokens));
            } else {
                events.add(piece);
            }
        }
        return events;
    }

    private static List<Piece> upTo(int most, List<Piece> pieces) {
        List<Piece> some = new ArrayList<>();
        int tokens = 0;
        for (Piece piece : pieces) {
            tokens += piece.tokens;
            if (tokens > most) {
                break;
            }
            some.add(piece);
        }
        return some;
    }
}
