package io.edistream.console;

/**
 * Makes text of anybody's making harmless, on a terminal and in HTML. Names and generated text may hold escape sequences
 * that rename a window or hide a line, marks that turn the order of characters round, or markup.
 */
public final class SafeText {

    /** Stands for every character that must not be shown. */
    public static final char REPLACEMENT = '\uFFFD';

    /** Marks above a letter beyond so many, one upon the other, would climb over the lines above. */
    private static final int MOST_MARKS = 2;

    /** First and last code points of what terminals draw two columns wide: Unicode 15's East Asian Width W and F. */
    private static final int[][] WIDE = {
        {0x1100, 0x115F},
        {0x231A, 0x231B},
        {0x2329, 0x232A},
        {0x23E9, 0x23EC},
        {0x2614, 0x2615},
        {0x2648, 0x2653},
        {0x26A1, 0x26A1},
        {0x2705, 0x2705},
        {0x274C, 0x274C},
        {0x2753, 0x2755},
        {0x2795, 0x2797},
        {0x2B1B, 0x2B1C},
        {0x2E80, 0x303E},
        {0x3041, 0x33FF},
        {0x3400, 0x4DBF},
        {0x4E00, 0x9FFF},
        {0xA000, 0xA4CF},
        {0xA960, 0xA97F},
        {0xAC00, 0xD7A3},
        {0xF900, 0xFAFF},
        {0xFE10, 0xFE19},
        {0xFE30, 0xFE6F},
        {0xFF00, 0xFF60},
        {0xFFE0, 0xFFE6},
        {0x16FE0, 0x18CFF},
        {0x1AFF0, 0x1B2FF},
        {0x1F300, 0x1F64F},
        {0x1F680, 0x1F6FF},
        {0x1F7E0, 0x1F7EB},
        {0x1F900, 0x1F9FF},
        {0x1FA70, 0x1FAFF},
        {0x20000, 0x3FFFD}
    };

    private SafeText() {}

    /** On one line of a terminal: line ends and tabs become spaces, what could do harm {@link #REPLACEMENT}. */
    public static String forTerminal(String text) {
        StringBuilder safe = new StringBuilder(text.length());
        int marks = 0;
        for (int at = 0; at < text.length(); ) {
            int codePoint = text.codePointAt(at);
            at += Character.charCount(codePoint);
            marks = isMark(codePoint) ? marks + 1 : 0;
            if (codePoint == '\n' || codePoint == '\t' || codePoint == '\r') {
                safe.append(' ');
            } else if (isHarmful(codePoint)) {
                safe.append(REPLACEMENT);
            } else if (marks <= MOST_MARKS) {
                safe.appendCodePoint(codePoint);
            }
        }
        return safe.toString();
    }

    /** As text or as the value of an attribute in quotation marks; line ends and tabs stay. */
    public static String forHtml(String text) {
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints().forEach(codePoint -> {
            switch (codePoint) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                case '\'' -> safe.append("&#39;");
                case '\n', '\t' -> safe.appendCodePoint(codePoint);
                default -> safe.appendCodePoint(isHarmful(codePoint) ? REPLACEMENT : codePoint);
            }
        });
        return safe.toString();
    }

    /** Columns that a safe text takes on a terminal. */
    public static int columns(String safe) {
        return safe.codePoints().map(SafeText::columns).sum();
    }

    /** The end of a safe text that fits into so many columns; begins with an ellipsis if something was left out. */
    public static String last(String safe, int columns) {
        if (columns(safe) <= columns) {
            return safe;
        }
        int from = safe.length();
        int room = columns - 1;
        while (from > 0 && columns(safe.codePointBefore(from)) <= room) {
            int codePoint = safe.codePointBefore(from);
            room -= columns(codePoint);
            from -= Character.charCount(codePoint);
        }
        return columns < 1 ? "" : "…" + safe.substring(from);
    }

    /** A safe text with spaces behind it, so that it takes so many columns if it does not take more. */
    public static String padded(String safe, int columns) {
        return safe + " ".repeat(Math.max(0, columns - columns(safe)));
    }

    private static int columns(int codePoint) {
        if (isMark(codePoint)) {
            return 0;
        }
        for (int[] range : WIDE) {
            if (codePoint < range[0]) {
                return 1;
            }
            if (codePoint <= range[1]) {
                return 2;
            }
        }
        return 1;
    }

    private static boolean isMark(int codePoint) {
        int type = Character.getType(codePoint);
        return type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK;
    }

    /** Controls, formats (which turn the direction round), private and unassigned code points, halves of pairs. */
    private static boolean isHarmful(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> true;
            default -> false;
        };
    }
}
