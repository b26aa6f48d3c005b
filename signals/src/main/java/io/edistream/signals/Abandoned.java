package io.edistream.signals;

import java.io.IOException;

/**
 * Stands where a sequence's state has a place for a signal that this release does not have: passes over what is stored
 * and stores as many zeros.
 */
final class Abandoned implements Accumulator {

    private final char[] fields;

    /**
     * @param fields kinds of the numbers, as {@link StateFields} notes them
     */
    Abandoned(String fields) {
        this.fields = fields.toCharArray();
    }

    @Override
    public void add(TokenWindow window, SpikeListener spikes) {}

    @Override
    public double score(TokenWindow window) {
        return Double.NaN;
    }

    @Override
    public void write(StateOutput out) throws IOException {
        for (char field : fields) {
            switch (field) {
                case StateFields.COUNT -> out.writeCount(0);
                case StateFields.DOUBLE -> out.writeDouble(0);
                default -> out.writeFloat(0);
            }
        }
    }

    @Override
    public void read(StateInput in) throws IOException {
        for (char field : fields) {
            switch (field) {
                case StateFields.COUNT -> in.readCount();
                case StateFields.DOUBLE -> in.readDouble();
                default -> in.readFloat();
            }
        }
    }
}
