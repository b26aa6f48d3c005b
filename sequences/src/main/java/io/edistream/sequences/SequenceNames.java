package io.edistream.sequences;

import org.jspecify.annotations.Nullable;

/**
 * By what names a sequence goes.
 *
 * @param model name of its model; empty if unknown
 * @param route name of its route; empty if unknown
 * @param request its caller's name for the request; null if it gave none
 * @param traceContext W3C traceparent of the request; null if it had none
 */
public record SequenceNames(String model, String route, @Nullable String request, @Nullable String traceContext) {

    /** Those of a sequence that nobody knows. */
    public static final SequenceNames UNKNOWN = new SequenceNames("", "", null, null);
}
