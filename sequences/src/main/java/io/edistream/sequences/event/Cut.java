package io.edistream.sequences.event;

import org.jspecify.annotations.Nullable;

/** Keeps text within a bound. */
public final class Cut {

    private Cut() {}

    /** At most as many characters of the text's beginning, and no half of a surrogate pair. */
    public static String at(int mostCharacters, String text) {
        if (text.length() <= mostCharacters) {
            return text;
        }
        boolean halvesPair = mostCharacters > 0 && Character.isHighSurrogate(text.charAt(mostCharacters - 1));
        return text.substring(0, halvesPair ? mostCharacters - 1 : mostCharacters);
    }

    static @Nullable String orNull(int mostCharacters, @Nullable String text) {
        return text == null ? null : at(mostCharacters, text);
    }
}
