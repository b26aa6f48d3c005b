package io.edistream.embedded;

import java.util.Optional;

/** Closes several things although one of them may fail, and although the thread may have been interrupted. */
final class Closing {

    private Closing() {}

    /**
     * Closes all, in order.
     *
     * @param reason the failure that makes it necessary, if there is one: further failures are added to it
     * @throws IllegalStateException if something could not be closed and there is no other failure to add that to
     */
    static void all(Optional<? extends Exception> reason, AutoCloseable... things) {
        Exception failure = reason.orElse(null);
        // An interrupted thread is told to stop what it does, and this is how: every wait in here must still be one.
        boolean interrupted = Thread.interrupted();
        for (AutoCloseable thing : things) {
            try {
                thing.close();
            } catch (Exception e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure != null && reason.isEmpty()) {
            throw new IllegalStateException("not everything could be closed: " + failure.getMessage(), failure);
        }
    }
}
