package io.edistream.cli.problems;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The file {@code models/problem-templates.json}, from which the models' training problems are drawn too. */
record ProblemTemplates(
        int format,
        List<Person> people,
        List<String> things,
        List<String> months,
        List<String> startSentences,
        String stepSentence,
        Map<String, Operation> operations,
        List<Distractor> distractorSentences,
        List<String> questions,
        Map<String, Level> levels,
        Map<String, Distribution> distributions) {

    private static final int FORMAT = 1;

    record Person(String name, String subject, String object) {}

    /** Weight when an operation is drawn, the numbers that it may divide by, and its wordings. */
    record Operation(double weight, @JsonProperty(defaultValue = "[]") List<Integer> divisors, List<String> clauses) {
        Operation {
            divisors = divisors == null ? List.of() : divisors;
        }
    }

    /** A sentence that changes nothing, with the range of the number in it. */
    record Distractor(String text, int low, int high) {}

    /** Range of the operand of each step, the last one repeating, and the largest value on the way. */
    record Level(List<List<Integer>> operandRanges, int largestValue) {}

    @JsonIgnoreProperties(ignoreUnknown = true)
    record Distribution(Map<Integer, Double> steps, Map<String, Double> levels, double distractorRate) {}

    /**
     * Reads the file.
     *
     * @throws IOException if it cannot be read, or is of another format
     */
    static ProblemTemplates read(Path file) throws IOException {
        JsonMapper mapper = JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .build();
        ProblemTemplates templates = mapper.readValue(file.toFile(), ProblemTemplates.class);
        if (templates.format() != FORMAT) {
            throw new IOException(
                    file + " is of format " + templates.format() + ": this release reads format " + FORMAT);
        }
        return templates;
    }
}
