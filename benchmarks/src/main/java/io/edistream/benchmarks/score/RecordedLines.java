package io.edistream.benchmarks.score;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;

/** Files of lines as evaluations write them, from a seed. */
enum RecordedLines {

    /** Entropies, log-probabilities and confidences in single precision with all their digits, as Python writes them. */
    ALL_DIGITS("three values per token with all digits") {
        @Override
        void append(StringBuilder line, SplittableRandom random, int tokens) {
            field(line, "entropies", tokens, () -> (float) entropy(random), "%.17f");
            field(line, "logprobs", tokens, () -> (float) -random.nextDouble(3), "%.17f");
            field(line, "confidences", tokens, () -> (float) random.nextDouble(4, 20), "%.15f");
        }
    },

    /** Entropies alone, rounded: as few bytes as a token can reasonably have, and so the most work per byte. */
    FOUR_DECIMALS("entropies with four decimals") {
        @Override
        void append(StringBuilder line, SplittableRandom random, int tokens) {
            field(line, "entropies", tokens, () -> entropy(random), "%.4f");
        }
    };

    private static final int MIN_TOKENS = 100;
    private static final int MAX_TOKENS = 800;

    private final String title;

    RecordedLines(String title) {
        this.title = title;
    }

    /** What the lines hold, for people. */
    String title() {
        return title;
    }

    abstract void append(StringBuilder line, SplittableRandom random, int tokens);

    /** Writes lines until the file has as many bytes. */
    void write(Path file, long bytes) throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        long written = 0;
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (int id = 0; written < bytes; id++) {
                StringBuilder line = new StringBuilder("{\"id\": \"sequence-" + id + "\"");
                append(line, random, random.nextInt(MIN_TOKENS, MAX_TOKENS));
                line.append("}\n");
                out.append(line);
                written += line.length();
            }
        }
    }

    private static double entropy(SplittableRandom random) {
        return random.nextDouble(random.nextInt(16) == 0 ? 2.5 : 0.1);
    }

    private static void field(StringBuilder line, String name, int tokens, DoubleSupplier values, String format) {
        line.append(", \"").append(name).append("\": [");
        for (int i = 0; i < tokens; i++) {
            line.append(i == 0 ? "" : ", ").append(String.format(Locale.ROOT, format, values.getAsDouble()));
        }
        line.append(']');
    }
}
