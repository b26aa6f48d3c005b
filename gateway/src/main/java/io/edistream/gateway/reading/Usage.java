package io.edistream.gateway.reading;

/**
 * What an engine says it has read and decoded.
 *
 * @param promptTokens tokens of the prompt; -1 if it does not say
 * @param completionTokens tokens of all choices; -1 if it does not say
 * @param cachedTokens tokens of the prompt that it had read before, and did not read again; -1 if it does not say
 */
public record Usage(int promptTokens, int completionTokens, int cachedTokens) {}
