package io.edistream.gateway.reading;

/**
 * An error that an engine sent inside its answer.
 *
 * @param code HTTP status that it names; 0 if none
 * @param type what it calls it; empty if nothing
 * @param message what it says; may quote what people wrote
 */
public record UpstreamError(int code, String type, String message) {}
