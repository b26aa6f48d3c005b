package io.edistream.schemas;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/** The byte layout of ids: a sequence id is generator (8 bytes) then counter (8 bytes), both big endian. */
public final class Ids {

    /** Bytes of a generator id. */
    public static final int GENERATOR_BYTES = 8;

    /** Bytes of a sequence id. */
    public static final int SEQUENCE_BYTES = 16;

    /** Bytes of a command id. */
    public static final int COMMAND_BYTES = 16;

    private static final HexFormat HEX = HexFormat.of();

    private Ids() {}

    /** The generator id as Avro writes it. */
    public static GeneratorId generatorId(long generator) {
        return new GeneratorId(generatorKey(generator));
    }

    /** The generator id as key of a Kafka record. */
    public static byte[] generatorKey(long generator) {
        return ByteBuffer.allocate(GENERATOR_BYTES).putLong(generator).array();
    }

    /** The number that a generator id stands for. */
    public static long generator(GeneratorId id) {
        return ByteBuffer.wrap(id.bytes()).getLong();
    }

    /** The id of a generator's sequence. */
    public static SequenceId sequenceId(long generator, long counter) {
        return new SequenceId(sequenceKey(generator, counter));
    }

    /** The sequence id as key of a Kafka record. */
    public static byte[] sequenceKey(long generator, long counter) {
        return ByteBuffer.allocate(SEQUENCE_BYTES)
                .putLong(generator)
                .putLong(counter)
                .array();
    }

    /** The generator part of a sequence id. */
    public static long generator(SequenceId id) {
        return ByteBuffer.wrap(id.bytes()).getLong();
    }

    /** The counter part of a sequence id. */
    public static long counter(SequenceId id) {
        return ByteBuffer.wrap(id.bytes()).getLong(GENERATOR_BYTES);
    }

    /** The id as people read it: generator in hexadecimal, a dash, counter in decimal. */
    public static String text(SequenceId id) {
        return text(generator(id), counter(id));
    }

    /** The id as people read it: generator in hexadecimal, a dash, counter in decimal. */
    public static String text(long generator, long counter) {
        return HEX.toHexDigits(generator) + "-" + counter;
    }

    /** The command id as people read it: 32 hexadecimal digits. */
    public static String text(CommandId id) {
        return HEX.formatHex(id.bytes());
    }
}
