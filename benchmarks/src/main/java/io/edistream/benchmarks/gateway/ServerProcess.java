package io.edistream.benchmarks.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A server in a process of its own, whose use of processor and memory is read from outside. Linux alone has what that needs. */
final class ServerProcess implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final double TICKS_PER_SECOND = 100;
    private static final int LAST_LINES = 20;
    private static final int UTIME_BEHIND_NAME = 11;

    private final Process process;
    private final int port;

    private ServerProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts a Java process on this one's class path, and returns when it listens.
     *
     * @param ready what it says then, on either output; group 1 is the port
     * @param lines gets what else it says, on a thread of its own
     */
    static ServerProcess java(
            List<String> jvm, Class<?> main, Pattern ready, Consumer<String> lines, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvm);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        return start(command, ready, lines, null);
    }

    /** Starts a program that listens at a port that it was told, and returns when it does. */
    static ServerProcess listening(List<String> command, int port) {
        return start(command, null, line -> {}, port);
    }

    /** A port that nobody listens at now. */
    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ServerProcess start(
            List<String> command, @Nullable Pattern ready, Consumer<String> lines, @Nullable Integer known) {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new UncheckedIOException(command.get(0) + " could not be started", e);
        }
        // Whoever stops this process stops that one.
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        CompletableFuture<Integer> port = new CompletableFuture<>();
        Deque<String> last = new ArrayDeque<>();
        Thread reader = new Thread(() -> read(process, ready, lines, port, last), "output of " + process.pid());
        reader.setDaemon(true);
        reader.start();
        try {
            if (known != null) {
                awaitPort(process, known);
                return new ServerProcess(process, known);
            }
            return new ServerProcess(process, port.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        } catch (ExecutionException | TimeoutException | IllegalStateException e) {
            process.destroyForcibly();
            synchronized (last) {
                throw new IllegalStateException(command.get(0) + " does not listen: " + String.join("\n", last), e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static void read(
            Process process,
            @Nullable Pattern ready,
            Consumer<String> lines,
            CompletableFuture<Integer> port,
            Deque<String> last) {
        try (BufferedReader said = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (String line = said.readLine(); line != null; line = said.readLine()) {
                synchronized (last) {
                    last.add(line);
                    if (last.size() > LAST_LINES) {
                        last.remove();
                    }
                }
                Matcher matcher = ready == null || port.isDone() ? null : ready.matcher(line);
                if (matcher != null && matcher.find()) {
                    port.complete(Integer.valueOf(matcher.group(1)));
                } else {
                    lines.accept(line);
                }
            }
        } catch (IOException e) {
            // It has ended.
        }
        port.completeExceptionally(new IllegalStateException("it ended before it listened"));
    }

    private static void awaitPort(Process process, int port) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                new Socket(InetAddress.getLoopbackAddress(), port).close();
                return;
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() - deadline > 0) {
                    throw new IllegalStateException("nothing listens at port " + port, e);
                }
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    /** What of that its compiler has used so far, if it is Java. */
    double compilerSeconds() throws IOException {
        double seconds = 0;
        try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(pid()), "task"))) {
            for (Path task : tasks.toList()) {
                if (Files.readString(task.resolve("comm"), UTF_8).matches("C[12] Compiler.*\\n")) {
                    seconds += processorSeconds(task.resolve("stat"));
                }
            }
        } catch (NoSuchFileException e) {
            // A thread that has ended meanwhile.
        }
        return seconds;
    }

    /** Its threads ({@code /proc/PID/task}). */
    int threads() throws IOException {
        return entries("task");
    }

    /** Its open files, connections among them ({@code /proc/PID/fd}). */
    int openFiles() throws IOException {
        return entries("fd");
    }

    private int entries(String of) throws IOException {
        try (Stream<Path> entries = Files.list(Path.of("/proc", Long.toString(pid()), of))) {
            return (int) entries.count();
        }
    }

    /** Processor time that it and its children have used, seconds, in steps of 0.01 ({@code /proc/PID/stat}). */
    double processorSeconds() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .mapToDouble(each -> processorSeconds(Path.of("/proc", Long.toString(each.pid()), "stat")))
                .sum();
    }

    private static double processorSeconds(Path file) {
        try {
            String stat = Files.readString(file);
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return (Long.parseLong(fields[UTIME_BEHIND_NAME]) + Long.parseLong(fields[UTIME_BEHIND_NAME + 1]))
                    / TICKS_PER_SECOND;
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().onExit().join();
    }
}
