package io.edistream.jobs.properties;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/** Reads a file of Kafka properties, the one that Kafka's own scripts take as {@code --command-config}. */
final class PropertiesFile {

    /** Far above any such file, certificates in it included. */
    static final int MAX_BYTES = 1 << 20;

    private static final String NAME = "[A-Za-z0-9._-]{1,256}";

    private PropertiesFile() {}

    /**
     * Its properties; {@code ${...}} stays as it is, since Kafka's clients resolve it.
     *
     * @throws IllegalArgumentException if the file is missing, cannot be read or holds something else; the message names
     *     the file and repeats nothing of it
     */
    static Map<String, String> read(Path file) {
        Properties read = new Properties();
        try {
            read.load(new StringReader(text(file)));
        } catch (IllegalArgumentException e) {
            // Without its cause: that is one of ours already, or repeats what stands in the file.
            throw e.getMessage() != null && e.getMessage().startsWith("--kafka-config")
                    ? e
                    : refused(file, "holds a \\u that four hexadecimal digits do not follow");
        } catch (IOException e) {
            throw new AssertionError("a string is there", e);
        }
        Map<String, String> properties = new LinkedHashMap<>();
        for (String name : read.stringPropertyNames()) {
            if (!name.matches(NAME)) {
                throw refused(
                        file,
                        "is not a file of properties: every line must be NAME=VALUE or begin with #, and a value that"
                                + " goes on in the next line must end with \\");
            }
            properties.put(name, read.getProperty(name).strip());
        }
        return properties;
    }

    private static String text(Path file) {
        byte[] bytes;
        if (Files.isDirectory(file)) {
            throw refused(file, "is a folder: must be a file of properties");
        }
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw refused(file, "there is no such file");
        } catch (IOException e) {
            throw refused(file, "cannot be read: " + e.getClass().getSimpleName());
        }
        if (bytes.length > MAX_BYTES) {
            throw refused(file, "must have at most " + MAX_BYTES + " bytes");
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw refused(file, "is not a file of properties: must be text in UTF-8");
        }
    }

    private static IllegalArgumentException refused(Path file, String reason) {
        return new IllegalArgumentException("--kafka-config " + file + ": " + reason);
    }
}
