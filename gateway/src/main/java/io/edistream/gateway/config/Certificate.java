package io.edistream.gateway.config;

import java.nio.file.Path;

/**
 * What the gateway shows clients that connect with TLS.
 *
 * @param chain PEM file of its certificate, and those above it
 * @param key PEM file of its private key, PKCS #8
 */
public record Certificate(Path chain, Path key) {}
