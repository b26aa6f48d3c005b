package io.edistream.jobs.watch;

import io.edistream.schemas.Action;
import io.edistream.schemas.CommandId;
import io.edistream.schemas.Ids;
import io.edistream.schemas.SequenceId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * Derives command ids, so that a decision made again after a failure has the id that it had before, and the generator
 * applies it once.
 *
 * <p>An id is the first 16 bytes of SHA-256 over: the sequence id (16 bytes), the length of the rule id (4), the rule id
 * (UTF-8), the rule's revision (4), the index of the first deciding token (4), the action's symbol (ASCII). Numbers are big
 * endian.
 */
final class CommandIds {

    private CommandIds() {}

    static CommandId of(SequenceId sequence, String rule, int revision, int decidedAtToken, Action action) {
        byte[] ruleBytes = rule.getBytes(StandardCharsets.UTF_8);
        byte[] actionBytes = action.name().getBytes(StandardCharsets.US_ASCII);
        byte[] message = ByteBuffer.allocate(
                        Ids.SEQUENCE_BYTES + 3 * Integer.BYTES + ruleBytes.length + actionBytes.length)
                .put(sequence.bytes())
                .putInt(ruleBytes.length)
                .put(ruleBytes)
                .putInt(revision)
                .putInt(decidedAtToken)
                .put(actionBytes)
                .array();
        return new CommandId(Arrays.copyOf(sha256().digest(message), Ids.COMMAND_BYTES));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
