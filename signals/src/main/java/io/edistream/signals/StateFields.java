package io.edistream.signals;

import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.regex.Pattern;

/**
 * Notes which kinds of numbers an accumulator stores, instead of storing them: {@value #COUNT} for a count,
 * {@value #DOUBLE} for 64 bits, {@value #FLOAT} for 32.
 */
final class StateFields extends StateOutput {

    static final char COUNT = 'c';
    static final char DOUBLE = 'd';
    static final char FLOAT = 'f';

    /** What can be passed over. */
    static final Pattern KNOWN = Pattern.compile("[" + COUNT + DOUBLE + FLOAT + "]*");

    private final StringBuilder fields = new StringBuilder();

    private StateFields() {
        super(new DataOutputStream(OutputStream.nullOutputStream()));
    }

    /** One letter for each number that the accumulator stores. */
    static String of(Accumulator accumulator) throws IOException {
        StateFields noted = new StateFields();
        accumulator.write(noted);
        return noted.fields.toString();
    }

    @Override
    public void writeCount(int count) {
        fields.append(COUNT);
    }

    @Override
    public void writeDouble(double value) {
        fields.append(DOUBLE);
    }

    @Override
    public void writeFloat(double measurement) {
        fields.append(FLOAT);
    }
}
