package io.edistream.gateway.config;

/** A configuration that cannot be used; the message says where, why and what is allowed, and no key. */
public final class ConfigException extends Exception {

    private static final long serialVersionUID = 1;

    ConfigException(String message) {
        super(message);
    }
}
