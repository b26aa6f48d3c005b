package io.edistream.benchmarks.waves;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.edistream.benchmarks.waves.Problem.Sample;
import io.edistream.signals.groups.Votes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/** Reads recorded samples: JSON lines with {@code prompt_id}, {@code answer_class}, {@code label} and {@code entropies}. */
final class RecordedProblems {

    /** SmolLM2-135M-Instruct at temperature 0.8, eight samples of most prompts. */
    static final String FILE = "smollm2_fewshot_t08.jsonl.gz";

    private static final JsonMapper JSON = new JsonMapper();

    private RecordedProblems() {}

    /**
     * The problems of which there are this many samples or more, by first appearance, each with its first ones.
     *
     * @throws IllegalArgumentException if the folder has no such file, or a line of it or all of it is of no use
     */
    static List<Problem> read(Path folder, int samples) throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.isReadable(file)) {
            throw new IllegalArgumentException("--traces " + folder + ": must be a folder with a file " + FILE);
        }
        Map<String, List<Sample>> problems = new LinkedHashMap<>();
        try (InputStream packed = Files.newInputStream(file);
                BufferedReader lines = new BufferedReader(
                        new InputStreamReader(new GZIPInputStream(packed), StandardCharsets.UTF_8))) {
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                JsonNode sample = JSON.readTree(line);
                String problem = sample.path("prompt_id").asText();
                if (problem.isEmpty()
                        || !sample.path("label").isBoolean()
                        || sample.path("entropies").isEmpty()) {
                    throw new IllegalArgumentException(
                            file + ", line " + number + ": must have a prompt_id, a label and entropies");
                }
                problems.computeIfAbsent(problem, unused -> new ArrayList<>())
                        .add(new Sample(
                                sample.path("answer_class").asInt(Votes.NO_ANSWER),
                                sample.path("label").booleanValue(),
                                sample.path("entropies").size()));
            }
        }
        List<Problem> whole = problems.values().stream()
                .filter(all -> all.size() >= samples)
                .map(all -> new Problem(all.subList(0, samples)))
                .toList();
        if (whole.isEmpty()) {
            throw new IllegalArgumentException(file + ": must have a problem with " + samples + " samples");
        }
        return whole;
    }
}
