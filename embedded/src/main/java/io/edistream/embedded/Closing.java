package io.edistream.embedded;

import java.util.Optional;

/** Closes several things although one of them may fail. */
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
        if (failure != null && reason.isEmpty()) {
            throw new IllegalStateException("not everything could be closed: " + failure.getMessage(), failure);
        }
    }
}
