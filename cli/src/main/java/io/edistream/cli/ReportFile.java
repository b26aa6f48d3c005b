package io.edistream.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** A file that is there whole or not at all: it is written beside its place and moved there. */
public final class ReportFile {

    private ReportFile() {}

    /**
     * Minutes of work should not end in a report that cannot be written.
     *
     * @throws UserError if there is no folder for it, or it is one
     */
    public static void check(String option, Path file) {
        Path folder = folder(file);
        if (Files.isDirectory(file) || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
            throw UserError.wrongRequest(option + " " + file + ": must be a file in a folder that can be written to");
        }
    }

    /**
     * Writes it.
     *
     * @throws UserError if it cannot be written; what was there before stays
     */
    public static void write(Path file, String content) {
        try {
            // Not a temporary file of the JDK, which nobody else may read: a report is made to be given away.
            Path beside = folder(file).resolve("." + file.getFileName() + "." + UUID.randomUUID() + ".tmp");
            try {
                Files.writeString(beside, content, StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW);
                move(beside, file);
            } finally {
                Files.deleteIfExists(beside);
            }
        } catch (IOException e) {
            throw UserError.failedWork("report " + file + " cannot be written: " + e.getMessage());
        }
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static Path folder(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        return folder == null ? file.toAbsolutePath() : folder;
    }
}
