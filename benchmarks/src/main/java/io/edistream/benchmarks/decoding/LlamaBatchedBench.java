package io.edistream.benchmarks.decoding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * llama.cpp's own benchmark of decoding in batches, as a process.
 *
 * @param binary its llama-batched-bench, as {@code models/llama-server} builds it
 * @param weights a GGUF file
 */
public record LlamaBatchedBench(Path binary, Path weights) {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /**
     * Tokens a second of all rows together while tokens are generated.
     *
     * @param rows at a time
     * @param prompt tokens of each row's prompt
     * @param tokens that each row then generates
     * @throws IOException if it cannot be run or tells no speed
     */
    double tokensPerSecond(int threads, int rows, int prompt, int tokens) throws IOException {
        Process process = new ProcessBuilder(List.of(
                        binary.toString(),
                        "-m",
                        weights.toString(),
                        "-c",
                        Integer.toString(rows * (prompt + tokens) + 64),
                        "-npp",
                        Integer.toString(prompt),
                        "-ntg",
                        Integer.toString(tokens),
                        "-npl",
                        Integer.toString(rows),
                        "-t",
                        Integer.toString(threads),
                        "-tb",
                        Integer.toString(threads),
                        "-ctk",
                        "f32",
                        "-ctv",
                        "f32",
                        "--output-format",
                        "jsonl"))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode speed = line.startsWith("{") ? MAPPER.readTree(line).get("speed_tg") : null;
                if (speed != null) {
                    return speed.asDouble();
                }
            }
        } finally {
            process.destroy();
        }
        throw new IOException(binary + " told no speed of " + weights);
    }
}
