package io.edistream.cli;

import java.util.function.Supplier;

/** Something that the user can put right; the message says what was wrong, where, and what is allowed. */
public final class UserError extends RuntimeException {

    private static final int WRONG_REQUEST = 2;
    private static final int FAILED_WORK = 1;

    private final int exitCode;

    private UserError(String message, int exitCode) {
        super(message);
        this.exitCode = exitCode;
    }

    /** An option or argument is wrong: nothing was started, exit code 2. */
    public static UserError wrongRequest(String message) {
        return new UserError(message, WRONG_REQUEST);
    }

    /** The work was begun and could not be done: exit code 1. */
    public static UserError failedWork(String message) {
        return new UserError(message, FAILED_WORK);
    }

    /** One or the other. */
    public static UserError of(boolean wrongRequest, String message) {
        return wrongRequest ? wrongRequest(message) : failedWork(message);
    }

    /** The exit code of the process. */
    public int exitCode() {
        return exitCode;
    }

    /**
     * Options whose bounds are checked by what is made of them.
     *
     * @throws UserError instead of an {@link IllegalArgumentException}, with its message
     */
    public static <T> T checked(Supplier<T> options) {
        try {
            return options.get();
        } catch (IllegalArgumentException e) {
            throw wrongRequest(String.valueOf(e.getMessage()));
        }
    }
}
