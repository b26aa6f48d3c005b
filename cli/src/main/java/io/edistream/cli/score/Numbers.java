package io.edistream.cli.score;

import java.util.Arrays;

/** A list of numbers that is emptied and filled again without new memory. */
final class Numbers {

    private static final int FIRST_CAPACITY = 16;

    private double[] values = new double[FIRST_CAPACITY];
    private int size;
    private boolean given;

    /** No list, not even an empty one. */
    void clear() {
        size = 0;
        given = false;
    }

    /** An empty list. */
    void begin() {
        size = 0;
        given = true;
    }

    /** Whether there is a list. */
    boolean given() {
        return given;
    }

    void add(double value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, 2 * size);
        }
        values[size] = value;
        size++;
    }

    double get(int index) {
        return values[index];
    }

    int size() {
        return size;
    }

    /** A copy, in ascending order. */
    double[] sorted() {
        double[] copy = Arrays.copyOf(values, size);
        Arrays.sort(copy);
        return copy;
    }
}
