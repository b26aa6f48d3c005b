package io.edistream.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What was there before a test: afterwards it tells which threads and temporary files are there in addition. */
final class Leftovers {

    /** Threads that Kafka and Flink start once per JVM, in static fields, and share between all their instances. */
    private static final Set<String> ONCE_PER_JVM =
            Set.of("metrics-meter-tick-thread", "process reaper", "Common-Cleaner");

    private final Set<Long> threadIds;
    private final Set<String> files;

    private Leftovers(Set<Long> threadIds, Set<String> files) {
        this.threadIds = threadIds;
        this.files = files;
    }

    static Leftovers before() throws IOException {
        return new Leftovers(
                Thread.getAllStackTraces().keySet().stream().map(Leftovers::id).collect(Collectors.toSet()),
                temporaryFiles());
    }

    /** Returns when there is no thread and no temporary file more than before. */
    void awaitNone() {
        Waiting.until(
                () -> newThreads().isEmpty() && newFiles().isEmpty(),
                Waiting.LIMIT,
                () -> "threads " + newThreads() + " and files " + newFiles() + " are left");
    }

    private Set<String> newThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.isAlive() && !threadIds.contains(id(thread)))
                .map(Thread::getName)
                .filter(name -> ONCE_PER_JVM.stream().noneMatch(name::startsWith))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Set<String> newFiles() {
        Set<String> now = temporaryFiles();
        now.removeAll(files);
        return now;
    }

    private static Set<String> temporaryFiles() {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("edistream-") || name.contains("flink"))
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new IllegalStateException("the temporary directory cannot be listed", e);
        }
    }

    @SuppressWarnings("deprecation") // threadId() came with Java 19; this builds for 17.
    private static long id(Thread thread) {
        return thread.getId();
    }
}
