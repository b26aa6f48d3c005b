package io.edistream.gateway.server;

import io.edistream.gateway.reading.ChoicePassage;
import io.edistream.sequences.DecodedToken;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ids of the tokens that a client has of its answer, 4 bytes a token, and those of its prompt if the engine tells them. Of a token that
 * an engine decoded without showing it, the text that came with a later one tells the id: that is a hole, until it is filled. Used on the
 * gateway's event loop.
 */
final class AnswerIds {

    /** More of them are not worth asking for. */
    static final int MAX_HOLES = 256;

    private int @Nullable [] prompt;
    private int[] ids = new int[64];
    private int size;
    private List<Hole> holes = new ArrayList<>(0);
    private boolean unknown;
    private boolean textIsWhole = true;

    /**
     * Tokens of which only the last one's id is known.
     *
     * @param from index of the first of them
     * @param count how many they are, at least 2
     * @param text what they say together
     */
    record Hole(int from, int count, String text) {}

    /** The engine tells the ids of the prompt. */
    void prompt(int[] told) {
        prompt = told;
    }

    /** Those of the prompt; null if nobody has told them. */
    int @Nullable [] prompt() {
        return prompt;
    }

    /** The client has more. */
    void take(ChoicePassage part) {
        List<DecodedToken> tokens = part.tokens();
        String text = part.reasoning() + part.text();
        if (tokens.isEmpty()) {
            // Whose text this is cannot be told.
            unknown |= !text.isEmpty();
            return;
        }
        int hidden = 0;
        while (hidden < tokens.size() && tokens.get(hidden).id() < 0) {
            hidden++;
        }
        int shown = tokens.size() - hidden;
        if (hidden > 0 && shown == 1 && !text.isEmpty() && holes.size() < MAX_HOLES) {
            holes.add(new Hole(size, tokens.size(), text));
        } else if (hidden > 0) {
            unknown = true;
        }
        for (DecodedToken token : tokens) {
            unknown |= token.id() < 0 && shown != 1;
            add(token.id());
        }
        // A part of a character brings no text; of several tokens, whether the last is one is not seen.
        textIsWhole = !text.isEmpty() && shown == 1;
    }

    private void add(int id) {
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, 2 * size);
        }
        ids[size++] = id;
    }

    /** How many tokens the client has, known or not. */
    int size() {
        return size;
    }

    /** The answer begins again. */
    void clear() {
        prompt = null;
        size = 0;
        holes.clear();
        unknown = false;
        textIsWhole = true;
    }

    /** What comes now is of another engine, whose ids mean something else. */
    void areOfAnother() {
        unknown = true;
    }

    /** Whether the ids are lost, so that nobody needs to ask for more. */
    boolean areUnknown() {
        return unknown;
    }

    /** Holes that are not filled. */
    List<Hole> holes() {
        return List.copyOf(holes);
    }

    /**
     * Fills holes, if those are as many tokens as are missing, and the last one of each is the one that is known.
     *
     * @param told tokens of all these holes, one behind the other
     * @return false if they do not fit: then the ids are lost
     */
    boolean fill(List<Hole> filled, int[] told) {
        int read = 0;
        for (Hole hole : filled) {
            int end = read + hole.count();
            if (end > told.length || told[end - 1] != ids[hole.from() + hole.count() - 1]) {
                unknown = true;
                return false;
            }
            System.arraycopy(told, read, ids, hole.from(), hole.count());
            read = end;
        }
        if (read != told.length) {
            unknown = true;
            return false;
        }
        holes.removeAll(filled);
        return true;
    }

    /** Whether the text so far is that of all tokens so far, known or not. */
    boolean areOfAWholeText() {
        return !unknown && textIsWhole;
    }

    /** Whether all are known, and stand for no more and no less than the text so far. */
    boolean areExact() {
        return areOfAWholeText() && holes.isEmpty();
    }

    /** A copy of those of the answer. */
    int[] ids() {
        return Arrays.copyOf(ids, size);
    }
}
