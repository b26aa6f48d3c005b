/**
 * Reading what engines answer: events out of bytes, tokens with their measurements out of events, and the bytes that are left
 * for the client. Knows no server.
 */
@NullMarked
package io.edistream.gateway.reading;

import org.jspecify.annotations.NullMarked;
