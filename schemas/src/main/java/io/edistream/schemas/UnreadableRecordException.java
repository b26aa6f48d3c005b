package io.edistream.schemas;

import org.jspecify.annotations.Nullable;

/** Bytes that are no record of the expected kind; the message says why, for the {@code rejected} topic. */
public final class UnreadableRecordException extends Exception {

    private final RejectReason reason;

    UnreadableRecordException(RejectReason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** {@link RejectReason#UNKNOWN_SCHEMA} or {@link RejectReason#UNREADABLE}. */
    public RejectReason reason() {
        return reason;
    }
}
