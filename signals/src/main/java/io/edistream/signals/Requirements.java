package io.edistream.signals;

/** Checks of configuration values, with the bound in the message. */
final class Requirements {

    private Requirements() {}

    static void requireWithin(String what, int value, int lowest, int highest) {
        if (value < lowest || value > highest) {
            throw new IllegalArgumentException(what + " " + value + ": must be " + lowest + " to " + highest);
        }
    }

    static void requireNotNegative(String what, double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(what + " " + value + ": must be finite and at least 0");
        }
    }
}
