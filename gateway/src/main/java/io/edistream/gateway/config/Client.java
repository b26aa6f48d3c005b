package io.edistream.gateway.config;

/**
 * Who may ask.
 *
 * @param name what metrics call it
 * @param key what it shows
 */
public record Client(String name, Secret key) {}
