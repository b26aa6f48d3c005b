package io.edistream.benchmarks.score;

import io.edistream.benchmarks.Row;
import io.edistream.benchmarks.Samples;
import io.edistream.cli.Edistream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine;

/** {@code edistream score} over a file, against a program that only reads the file and splits it into lines. */
public final class ScoreBenchmark {

    private static final double BYTES_PER_MB = 1e6;

    /** 60 MB in a second. */
    private static final double MAX_MILLIS_PER_MB = 1000.0 / 60;

    private ScoreBenchmark() {}

    /**
     * How much is measured.
     *
     * @param bytes of each file
     * @param warmUps pairs of runs before the ones that count
     * @param pairs pairs of runs that count
     */
    public record Size(long bytes, int warmUps, int pairs) {}

    /** The table. */
    public static List<Row> run(Size size) throws IOException {
        List<Row> rows = new ArrayList<>();
        for (RecordedLines lines : RecordedLines.values()) {
            Path file = Files.createTempFile("score", ".jsonl");
            try {
                lines.write(file, size.bytes());
                rows.addAll(measure(lines.title(), file, size));
            } finally {
                Files.delete(file);
            }
        }
        return rows;
    }

    private static List<Row> measure(String title, Path file, Size size) throws IOException {
        double megabytes = Files.size(file) / BYTES_PER_MB;
        List<Pair> pairs = new ArrayList<>();
        for (int i = -size.warmUps(); i < size.pairs(); i++) {
            Pair pair = i % 2 == 0 ? new Pair(scored(file), split(file)) : reversed(file);
            if (pair.scored.lines != pair.split.lines) {
                throw new IllegalStateException(
                        pair.scored.lines + " sequences were scored of a file of " + pair.split.lines + " lines");
            }
            if (i >= 0) {
                pairs.add(pair);
            }
        }
        Samples processor = samples(pairs, pair -> 1000 * pair.scored.processorSeconds / megabytes);
        Samples rate = samples(pairs, pair -> megabytes / pair.scored.seconds);
        Samples rateOfProcessor = samples(pairs, pair -> megabytes / pair.scored.processorSeconds);
        Samples ratio = samples(pairs, pair -> pair.scored.processorSeconds / pair.split.processorSeconds);
        return List.of(
                Row.held(
                        title + ": processor time", processor.median(), "ms/MB", MAX_MILLIS_PER_MB, processor.spread()),
                Row.told(
                        title + ": in a second of one processor",
                        rateOfProcessor.median(),
                        "MB",
                        rateOfProcessor.spread()),
                Row.told(title + ": in a second of this machine", rate.median(), "MB", rate.spread()),
                Row.told(
                        title + ": processor time, scored / only read and split into lines",
                        ratio.median(),
                        "",
                        ratio.spread()));
    }

    private static Samples samples(List<Pair> pairs, ToDoubleFunction<Pair> of) {
        return Samples.of(pairs.stream().mapToDouble(of));
    }

    private static Pair reversed(Path file) throws IOException {
        Run split = split(file);
        return new Pair(scored(file), split);
    }

    private static Run scored(Path file) throws IOException {
        return timed(() -> {
            LineCounter scores = new LineCounter();
            CommandLine command = Edistream.commandLine().setOut(new PrintWriter(scores));
            int exitCode = command.execute("score", file.toString());
            if (exitCode != 0) {
                throw new IllegalStateException("score ended with " + exitCode);
            }
            return scores.lines;
        });
    }

    private static Run split(Path file) throws IOException {
        return timed(() -> {
            try (BufferedReader lines = Files.newBufferedReader(file)) {
                return lines.lines().count();
            }
        });
    }

    private static Run timed(Work work) throws IOException {
        long thread = Thread.currentThread().getId();
        long processor = ManagementFactory.getThreadMXBean().getThreadCpuTime(thread);
        long begun = System.nanoTime();
        long lines = work.lines();
        return new Run(
                lines,
                (System.nanoTime() - begun) / 1e9,
                (ManagementFactory.getThreadMXBean().getThreadCpuTime(thread) - processor) / 1e9);
    }

    /** Does something with every line. */
    @FunctionalInterface
    private interface Work {
        /** Does it, and says how many lines there were. */
        long lines() throws IOException;
    }

    /** One run over the file. */
    private record Run(long lines, double seconds, double processorSeconds) {}

    /** One run of each kind. */
    private record Pair(Run scored, Run split) {}

    /** Keeps nothing of what is written but the number of lines. */
    private static final class LineCounter extends Writer {
        private long lines;

        @Override
        public void write(char[] characters, int offset, int length) {
            for (int i = offset; i < offset + length; i++) {
                lines += characters[i] == '\n' ? 1 : 0;
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
