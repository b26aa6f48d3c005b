package io.edistream.cli.status;

/** Names of anybody's making, as they may stand on a terminal. */
final class Names {

    private static final int MAX_CHARACTERS = 40;

    private Names() {}

    /** Without anything that a terminal would obey, and no longer than some words. */
    static String shortened(String name) {
        StringBuilder safe = new StringBuilder();
        name.codePoints().limit(MAX_CHARACTERS).forEach(codePoint -> {
            switch (Character.getType(codePoint)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.SURROGATE,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR -> safe.append(String.format("\\u%04x", codePoint));
                default -> safe.appendCodePoint(codePoint);
            }
        });
        return name.codePointCount(0, name.length()) > MAX_CHARACTERS ? safe + "…" : safe.toString();
    }
}
