package io.edistream.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Input of a command: a file, or standard input. */
public final class Input {

    /** Stands for standard input where a file is named. */
    public static final Path STANDARD = Path.of("-");

    private Input() {}

    /**
     * Makes sure that the input is there, without opening it.
     *
     * @throws UserError if it is not
     */
    public static void requireFile(Path file) {
        if (file.equals(STANDARD)) {
            return;
        }
        if (Files.isDirectory(file)) {
            throw UserError.wrongRequest(file + " is a directory: must be a file of JSON lines");
        }
        if (!Files.exists(file)) {
            throw UserError.wrongRequest("no file " + file);
        }
        if (!Files.isReadable(file)) {
            throw UserError.wrongRequest("file " + file + " cannot be read: permission denied");
        }
    }

    /**
     * Opens the input.
     *
     * @throws UserError if it cannot be read
     */
    public static InputStream open(Path file) {
        requireFile(file);
        if (file.equals(STANDARD)) {
            return System.in;
        }
        try {
            return Files.newInputStream(file);
        } catch (IOException e) {
            throw UserError.wrongRequest("file " + file + " cannot be read: " + e.getMessage());
        }
    }
}
