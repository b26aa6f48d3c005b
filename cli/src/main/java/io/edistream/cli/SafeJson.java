package io.edistream.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import org.jspecify.annotations.Nullable;

/**
 * JSON that does nothing to the terminal that shows it. Names come from anybody: an escape sequence in one could rename a
 * window or hide a line, a mark of direction turn the order of what follows. The standard demands an escape for the 32
 * control characters of ASCII alone; here DEL, the controls above it and every format character get one too.
 */
public final class SafeJson extends CharacterEscapes {

    private static final long serialVersionUID = 1L;
    private static final char DELETE = 0x7f;

    private SafeJson() {}

    /** Makes generators that write such JSON. */
    public static JsonFactory factory() {
        return new JsonFactory().setCharacterEscapes(new SafeJson());
    }

    @Override
    public int[] getEscapeCodesForAscii() {
        int[] escapes = standardAsciiEscapesForJSON();
        escapes[DELETE] = ESCAPE_STANDARD;
        return escapes;
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                new SerializedString(String.format("\\u%04x", character));
            default -> null;
        };
    }
}
