package io.edistream.cli;

import java.io.IOException;

/** A file that cannot be read as lines of JSON, or not to its end; the message says why. */
public final class UnusableInputException extends IOException {

    private static final long serialVersionUID = 1;

    UnusableInputException(String message) {
        super(message);
    }

    UnusableInputException(String message, IOException cause) {
        super(message, cause);
    }
}
