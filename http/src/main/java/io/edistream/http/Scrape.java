package io.edistream.http;

import org.jspecify.annotations.Nullable;

/** Metrics that can be written out. */
public interface Scrape {

    /**
     * The format that is written for a request. Must not wait for anything.
     *
     * @param accept the request's Accept header; null if it has none
     * @return a content type, one of a few whatever was asked
     */
    String format(@Nullable String accept);

    /**
     * Writes all metrics. Called on a thread of its own, never twice at a time.
     *
     * @param format as {@link #format} returned it
     */
    byte[] render(String format);
}
