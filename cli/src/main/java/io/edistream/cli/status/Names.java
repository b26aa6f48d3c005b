package io.edistream.cli.status;

import io.edistream.console.SafeText;

/** Names and sentences of anybody's making, as they may stand on a terminal. */
final class Names {

    private static final int MAX_CHARACTERS = 40;
    private static final int MAX_CHARACTERS_OF_SENTENCE = 160;

    private Names() {}

    /** Without anything that a terminal would obey, and no longer than some words. */
    static String shortened(String name) {
        return shortened(name, MAX_CHARACTERS);
    }

    /** The same for what says something. */
    static String sentence(String text) {
        return shortened(text, MAX_CHARACTERS_OF_SENTENCE);
    }

    private static String shortened(String text, int most) {
        String safe = SafeText.forTerminal(text);
        return safe.codePointCount(0, safe.length()) > most
                ? safe.substring(0, safe.offsetByCodePoints(0, most)) + "…"
                : safe;
    }
}
