package io.edistream.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** A directory of this process under {@code java.io.tmpdir}, deleted with all that is in it on close. */
final class TemporaryDirectory implements AutoCloseable {

    private final Path path;

    /**
     * Makes the directory.
     *
     * @throws UncheckedIOException if that is not possible; the message says what to do
     */
    TemporaryDirectory(String prefix) {
        try {
            this.path = Files.createTempDirectory(Path.of(System.getProperty("java.io.tmpdir")), prefix);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "no directory can be made in " + System.getProperty("java.io.tmpdir")
                            + "; set -Djava.io.tmpdir to a directory that exists and can be written",
                    e);
        }
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        try {
            Files.walkFileTree(path, new Deleting());
        } catch (IOException e) {
            throw new UncheckedIOException("directory " + path + " could not be deleted; delete it by hand", e);
        }
    }

    /** Threads that end late may still delete files of their own: one that is gone already is as good. */
    private static final class Deleting extends SimpleFileVisitor<Path> {

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
            }
            throw e;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
            if (e != null && !(e instanceof NoSuchFileException)) {
                throw e;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
        }
    }
}
