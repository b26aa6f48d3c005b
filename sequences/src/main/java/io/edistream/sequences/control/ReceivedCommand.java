package io.edistream.sequences.control;

/**
 * A command and when it arrived.
 *
 * @param command what is asked
 * @param receivedAtMicros when it arrived, microseconds since 1970-01-01 UTC on this generator's clock
 */
public record ReceivedCommand(ControlCommand command, long receivedAtMicros) {}
