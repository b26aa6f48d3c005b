package io.edistream.cli.status;

import io.edistream.console.SafeText;

/** Names of anybody's making, as they may stand on a terminal. */
final class Names {

    private static final int MAX_CHARACTERS = 40;

    private Names() {}

    /** Without anything that a terminal would obey, and no longer than some words. */
    static String shortened(String name) {
        String safe = SafeText.forTerminal(name);
        return safe.codePointCount(0, safe.length()) > MAX_CHARACTERS
                ? safe.substring(0, safe.offsetByCodePoints(0, MAX_CHARACTERS)) + "…"
                : safe;
    }
}
