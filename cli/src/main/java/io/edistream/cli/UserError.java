package io.edistream.cli;

import java.util.function.Supplier;

/** Something that the user can put right; the message says what was wrong, where, and what is allowed. */
public final class UserError extends RuntimeException {

    private static final int WRONG_REQUEST = 2;
    private static final int FAILED_WORK = 1;

    private final int exitCode;
    private final boolean endOfOutput;

    private UserError(String message, int exitCode, boolean endOfOutput) {
        super(message);
        this.exitCode = exitCode;
        this.endOfOutput = endOfOutput;
    }

    /** An option or argument is wrong: nothing was started, exit code 2. */
    public static UserError wrongRequest(String message) {
        return new UserError(message, WRONG_REQUEST, false);
    }

    /** The work was begun and could not be done: exit code 1. */
    public static UserError failedWork(String message) {
        return new UserError(message, FAILED_WORK, false);
    }

    /** Whoever took standard output has enough, as {@code head} does: exit code 1, unless that is how the work ends. */
    static UserError endOfOutput(String message) {
        return new UserError(message, FAILED_WORK, true);
    }

    /** One or the other. */
    public static UserError of(boolean wrongRequest, String message) {
        return wrongRequest ? wrongRequest(message) : failedWork(message);
    }

    /** Whether nobody takes standard output any more. */
    public boolean isEndOfOutput() {
        return endOfOutput;
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
