package io.edistream.cli;

/**
 * Colours of a terminal, or none; nothing is said by colour alone.
 *
 * @param colours whether there are any
 */
public record Style(boolean colours) {

    private static final int RED = 31;
    private static final int GREEN = 32;
    private static final int YELLOW = 33;
    private static final int CYAN = 36;
    private static final int BOLD = 1;
    private static final int DIM = 2;

    /** Good: green. */
    public String right(String text) {
        return in(GREEN, text);
    }

    /** Bad: red. */
    public String wrong(String text) {
        return in(RED, text);
    }

    /** Cut off: yellow. */
    public String stopped(String text) {
        return in(YELLOW, text);
    }

    /** Split, started or changed: cyan. */
    public String branched(String text) {
        return in(CYAN, text);
    }

    /** To be seen first. */
    public String strong(String text) {
        return in(BOLD, text);
    }

    /** To be seen last. */
    public String faint(String text) {
        return in(DIM, text);
    }

    private String in(int code, String text) {
        return colours ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }
}
